"""Names, places and ways of writing of the made-up people, by language.

The lists are short and in order of frequency. People, addresses, numbers and e-mail addresses are
invented; likeness to anybody is chance. E-mail domains are those reserved for examples.
"""

from dataclasses import dataclass

DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
SOURCES = ("web_shop", "store_card", "newsletter", "app")


@dataclass(frozen=True)
class Names:
    """Words of one language.

    Given names and family names come as (written, as in e-mail addresses); nicknames map a given
    name to others in use, `nickname_form` makes one of the last letter of any other name.
    `confused` maps a letter to those it is taken for; any other that is not of the Latin alphabet
    is taken for one of `letters`. Phone numbers have `phone_digits` digits with their start.
    """

    female: tuple[tuple[str, str], ...]
    male: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]
    nicknames: dict[str, tuple[str, ...]]
    nickname_form: str
    streets: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]
    address: str
    phone_start: str
    phone_digits: int
    postcode_digits: int
    confused: dict[str, str]
    letters: str
    short_forms: tuple[tuple[str, str], ...]
    date_forms: tuple[str, ...]
    phone_forms: tuple[str, ...]


def _plain(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, word.lower().replace("'", "")) for word in text.split())


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    words = text.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


ENGLISH = Names(
    female=_plain(
        "Mary Elizabeth Sarah Emily Margaret Catherine Jennifer Susan Jessica Anna Laura Helen "
        "Rebecca Victoria Alice Rachel Hannah Julia Charlotte Amy Christine Patricia Barbara "
        "Samantha Grace Emma Sophie Olivia Natalie Teresa Deborah Caroline Eleanor Abigail Ruth "
        "Frances Isabel Martha Nora Priya Fatima Mei Lucia Ingrid Chloe Zoe Audrey Beatrice Diana "
        "Fiona Georgia Harriet Irene Joanna Kimberly Lillian Monica Naomi Pamela Rosemary"
    ),
    male=_plain(
        "James John Robert William Michael Thomas David Richard Joseph Charles Daniel Matthew "
        "Anthony Christopher Andrew Edward Benjamin Samuel Alexander Nicholas George Peter Stephen "
        "Henry Patrick Jonathan Timothy Gregory Frederick Philip Kenneth Ronald Lawrence Albert "
        "Walter Martin Simon Oliver Jack Harry Lucas Ahmed Wei Carlos Ivan Arjun Hugo Felix Oscar "
        "Leonard Raymond Vincent Douglas Gerald Howard Isaac Julian Keith Malcolm Neil"
    ),
    family=_plain(
        "Smith Jones Williams Brown Taylor Johnson Davies Wilson Miller Evans Thomas Moore Walker "
        "Roberts Anderson White Thompson Harris Martin Clark Lewis Robinson Wright Young Hall King "
        "Green Baker Adams Nelson Hill Campbell Mitchell Carter Parker Collins Edwards Stewart "
        "Morris Murphy Cook Rogers Cooper Reed Bailey Bell Kelly Howard Ward Cox Richardson Wood "
        "Watson Brooks Bennett Gray Hughes Price Myers Long Foster Sanders Ross Powell Sullivan "
        "Russell Ortiz Jenkins Perry Butler Barnes Fisher Henderson Coleman Simmons Patterson "
        "Jordan Reynolds Hamilton Graham Griffin Wallace West Cole Hayes Bryant Gibson Ellis "
        "Stevens Murray Ford Marshall Owens McDonald Harrison Kennedy Wells Woods Henry Chen "
        "Patel Khan Garcia Silva Nguyen Kim Singh Novak Rossi Schmidt O'Brien O'Connor Freeman "
        "Webb Tucker Burns Crawford Simpson Porter Hunter Gordon Shaw Holmes Palmer Rice Black "
        "Stone Knight Fox Mills Nichols Grant Rose Lawson Fields Ryan Carr Wheeler Chapman Oliver "
        "Harvey Little Burton Stanley Frost Lambert Norris Hopkins Barker Whitfield Thornton"
    ),
    nicknames={
        "Elizabeth": ("Liz", "Beth", "Betty"), "Margaret": ("Maggie", "Peggy"),
        "Catherine": ("Kate", "Cathy"), "Jennifer": ("Jenny", "Jen"), "Susan": ("Sue",),
        "Jessica": ("Jess",), "Rebecca": ("Becky",), "Victoria": ("Vicky", "Tori"),
        "Rachel": ("Rae",), "Charlotte": ("Lottie", "Charlie"), "Christine": ("Chris", "Tina"),
        "Patricia": ("Pat", "Trish"), "Barbara": ("Barb",), "Samantha": ("Sam",),
        "Deborah": ("Debbie", "Deb"), "Eleanor": ("Ellie", "Nell"), "Abigail": ("Abby",),
        "Frances": ("Fran",), "Isabel": ("Izzy", "Bella"), "Kimberly": ("Kim",),
        "Joanna": ("Jo",), "Pamela": ("Pam",), "Robert": ("Bob", "Rob", "Bobby"),
        "William": ("Bill", "Will"), "Michael": ("Mike", "Mick"), "Thomas": ("Tom",),
        "David": ("Dave",), "Richard": ("Rick", "Dick"), "Joseph": ("Joe",),
        "Charles": ("Charlie", "Chuck"), "Daniel": ("Dan", "Danny"), "Matthew": ("Matt",),
        "Anthony": ("Tony",), "Christopher": ("Chris",), "Andrew": ("Andy", "Drew"),
        "Edward": ("Ed", "Ted"), "Benjamin": ("Ben",), "Samuel": ("Sam",),
        "Alexander": ("Alex",), "Nicholas": ("Nick",), "Stephen": ("Steve",), "James": ("Jim",),
        "Patrick": ("Pat", "Paddy"), "Jonathan": ("Jon",), "Timothy": ("Tim",),
        "Gregory": ("Greg",), "Frederick": ("Fred",), "Philip": ("Phil",), "Kenneth": ("Ken",),
        "Ronald": ("Ron",), "Lawrence": ("Larry",), "Albert": ("Bert", "Al"), "John": ("Jack",),
        "Raymond": ("Ray",), "Vincent": ("Vince",), "Leonard": ("Len",), "Gerald": ("Gerry",),
    },
    nickname_form="",
    streets=(
        "High Street", "Station Road", "Church Lane", "Park Avenue", "Mill Road", "Oak Street",
        "Maple Avenue", "Cedar Lane", "Elm Street", "River Road", "Hill Street", "Victoria Road",
        "Queen Street", "King Street", "Bridge Street", "School Lane", "Garden Street",
        "Meadow Lane", "Orchard Road", "Market Street", "Chestnut Avenue", "Willow Drive",
        "Sunset Avenue", "Lake Street", "Spring Street", "Forest Road", "Harbour Street",
        "Prospect Street", "Highland Avenue", "Washington Street", "Franklin Street",
        "Cherry Lane", "Birch Drive", "Grove Street", "Canal Street", "West Street",
    ),
    cities=(
        ("New York", "100"), ("Los Angeles", "900"), ("Chicago", "606"), ("Houston", "770"),
        ("Philadelphia", "191"), ("Boston", "021"), ("Seattle", "981"), ("Denver", "802"),
        ("Portland", "972"), ("Atlanta", "303"), ("Baltimore", "212"), ("Madison", "537"),
        ("Albany", "122"), ("Richmond", "232"), ("Springfield", "011"), ("Hartford", "061"),
    ),
    address="{number} {street}",
    phone_start="555",
    phone_digits=10,
    postcode_digits=5,
    confused={
        "a": "es", "e": "ra", "i": "ou", "o": "ip", "u": "yi", "s": "adz", "n": "mb", "m": "n",
        "t": "ry", "r": "te", "l": "ki", "c": "kv", "k": "cl", "d": "sf", "h": "gj", "y": "iu",
    },
    letters="aeiou",
    short_forms=(
        ("Street", "St"), ("Road", "Rd"), ("Avenue", "Ave"), ("Lane", "Ln"), ("Drive", "Dr."),
    ),
    date_forms=("{day:02d}/{month:02d}/{year}", "{year}.{month}.{day}", "{day}-{month}-{year}"),
    phone_forms=("({0}) {1}-{2}", "{0}-{1}-{2}", "+1 {0} {1} {2}", "{0}.{1}.{2}", "001{0}{1}{2}"),
)  # fmt: skip

CHINESE = Names(
    female=_pairs(
        "芳 fang 娜 na 敏 min 静 jing 丽 li 艳 yan 娟 juan 霞 xia 秀英 xiuying 桂英 guiying "
        "秀兰 xiulan 玉兰 yulan 婷 ting 雪 xue 慧 hui 颖 ying 倩 qian 玲 ling 燕 yan 梅 mei "
        "欣怡 xinyi 梓涵 zihan 雨桐 yutong 佳怡 jiayi 思雨 siyu 晓燕 xiaoyan 婉清 wanqing "
        "诗涵 shihan 若曦 ruoxi 雅琴 yaqin 春梅 chunmei 海燕 haiyan 红梅 hongmei 小红 xiaohong "
        "淑珍 shuzhen 美玲 meiling 文静 wenjing 梦琪 mengqi 可欣 kexin 紫萱 zixuan 月华 yuehua "
        "晓梅 xiaomei 亚男 yanan 凤霞 fengxia 丽华 lihua 佩珊 peishan 心怡 xinyi 玉洁 yujie "
        "语嫣 yuyan 嘉宁 jianing"
    ),
    male=_pairs(
        "伟 wei 强 qiang 磊 lei 军 jun 洋 yang 勇 yong 杰 jie 涛 tao 明 ming 超 chao 刚 gang "
        "平 ping 辉 hui 鹏 peng 浩 hao 宇 yu 斌 bin 波 bo 建国 jianguo 建华 jianhua 志强 zhiqiang "
        "志伟 zhiwei 国庆 guoqing 浩然 haoran 子轩 zixuan 宇航 yuhang 俊杰 junjie 文博 wenbo "
        "天宇 tianyu 晓东 xiaodong 海涛 haitao 永强 yongqiang 家豪 jiahao 立新 lixin 思远 siyuan "
        "博文 bowen 明哲 mingzhe 嘉豪 jiahao 少华 shaohua 德华 dehua 国强 guoqiang 春生 chunsheng "
        "金龙 jinlong 泽宇 zeyu 一鸣 yiming 景行 jingxing 承志 chengzhi 书航 shuhang"
    ),
    family=_pairs(
        "王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 黄 huang 赵 zhao 吴 wu 周 zhou 徐 xu 孙 sun "
        "马 ma 朱 zhu 胡 hu 郭 guo 何 he 林 lin 高 gao 罗 luo 郑 zheng 梁 liang 谢 xie 宋 song "
        "唐 tang 许 xu 邓 deng 韩 han 冯 feng 曹 cao 彭 peng 曾 zeng 肖 xiao 田 tian 董 dong "
        "潘 pan 袁 yuan 蔡 cai 蒋 jiang 余 yu 于 yu 杜 du 叶 ye 程 cheng 魏 wei 苏 su 吕 lv "
        "丁 ding 任 ren 卢 lu 姚 yao 沈 shen 钟 zhong 姜 jiang 崔 cui 谭 tan 陆 lu 范 fan 汪 wang "
        "廖 liao 石 shi 金 jin 韦 wei 贾 jia 夏 xia 付 fu 方 fang 邹 zou 熊 xiong 白 bai 孟 meng "
        "秦 qin 邱 qiu 侯 hou 江 jiang 尹 yin 薛 xue 闫 yan 段 duan 雷 lei 龙 long 黎 li 史 shi "
        "陶 tao 贺 he 毛 mao 郝 hao 顾 gu 龚 gong 邵 shao 欧阳 ouyang 司马 sima 上官 shangguan"
    ),
    nicknames={},
    nickname_form="小{}",
    streets=(
        "人民路", "中山路", "解放路", "建设路", "和平街", "新华街", "文化路", "长江路", "黄河路",
        "北京路", "南京路", "学院路", "花园路", "光明路", "幸福街", "青年路", "朝阳街", "胜利路",
        "东风路", "迎宾大道", "滨河路", "湖滨路", "体育路", "科技路", "工业大道", "桃园街",
        "梅园路", "兴隆街", "永安街", "长安街",
    ),
    cities=(
        ("北京市", "100"), ("上海市", "200"), ("广州市", "510"), ("深圳市", "518"),
        ("天津市", "300"), ("重庆市", "400"), ("成都市", "610"), ("杭州市", "310"),
        ("南京市", "210"), ("武汉市", "430"), ("西安市", "710"), ("苏州市", "215"),
        ("长沙市", "410"), ("青岛市", "266"), ("沈阳市", "110"), ("厦门市", "361"),
        ("昆明市", "650"), ("合肥市", "230"),
    ),
    address="{street}{number}号",
    phone_start="138",
    phone_digits=11,
    postcode_digits=6,
    confused={
        "王": "汪黄", "张": "章", "李": "黎季", "陈": "程", "吴": "武伍", "徐": "许",
        "余": "于佘", "江": "姜", "蒋": "姜", "谢": "榭", "肖": "萧", "付": "傅", "闫": "阎严",
        "魏": "卫", "杨": "扬", "伟": "玮炜", "丽": "莉", "静": "婧靖", "敏": "闽", "婷": "亭",
        "艳": "燕", "霞": "遐", "娜": "那", "强": "墙", "磊": "垒", "军": "君", "洋": "阳",
        "杰": "洁", "涛": "滔", "超": "朝", "浩": "皓", "宇": "雨", "鹏": "朋", "明": "铭",
        "建": "健", "志": "智", "国": "囯", "华": "花", "欣": "心", "怡": "宜", "雨": "语",
        "思": "丝", "嘉": "佳", "佳": "嘉", "子": "梓", "梓": "子", "轩": "萱", "路": "街",
        "街": "路",
    },
    letters="文明华国海平春红玉金",
    short_forms=(("路", "路 "), ("街", "街 "), ("号", "#")),
    date_forms=("{year}年{month}月{day}日", "{year}/{month:02d}/{day:02d}", "{year}.{month}.{day}"),
    phone_forms=("{0}-{1}-{2}", "+86 {0}{1}{2}", "{0} {1} {2}", "0086{0}{1}{2}", "86-{0}{1}{2}"),
)  # fmt: skip

NAMES = {"en": ENGLISH, "zh": CHINESE}
