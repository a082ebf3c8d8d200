"""Words of which product names and descriptions are made, in English and Chinese.

Both languages have the same shape and prices, so that a product is the same product in either.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """Words of one category; `price` is its typical list price."""

    name: str
    price: float
    nouns: dict[str, tuple[str, str, str, str]]
    styles: tuple[str, str, str, str, str]
    uses: tuple[str, str, str]


@dataclass(frozen=True)
class ProductWords:
    """All words of one language and how they are put together."""

    categories: tuple[Category, ...]
    brands: tuple[str, ...]
    name: str
    description: str


ENGLISH = ProductWords(
    brands=(
        "Alderley", "Brightwater", "Casselby", "Dunmoor", "Elmstead", "Fairholt", "Greywick",
        "Haverley", "Inglebury", "Kestrow", "Larkhill", "Merrowby",
    ),
    name="{brand} {style} {noun}",
    description="{Style} {noun} for {use}. {sub}, made by {brand}.",
    categories=(
        Category("Kitchen", 14.0, {
            "Cookware": ("frying pan", "saucepan", "casserole", "wok"),
            "Tableware": ("dinner plate", "soup bowl", "serving board", "jug"),
            "Baking": ("cake tin", "rolling pin", "mixing bowl", "muffin tray"),
        }, ("cast iron", "enamel", "stoneware", "copper", "oak"),
            ("family dinners", "slow Sunday cooking", "small kitchens")),
        Category("Tea and coffee", 8.0, {
            "Tea": ("green tea", "black tea", "herbal infusion", "jasmine tea"),
            "Coffee": ("espresso beans", "filter coffee", "decaf coffee", "cold brew"),
            "Accessories": ("teapot", "coffee grinder", "travel mug", "tea strainer"),
        }, ("organic", "dark", "single-estate", "mild", "smoky"),
            ("early mornings", "quiet afternoons", "the office")),
        Category("Garden", 11.0, {
            "Seeds": ("tomato seeds", "sunflower seeds", "salad mix", "wildflower mix"),
            "Tools": ("hand trowel", "pruning shears", "watering can", "rake"),
            "Pots": ("terracotta pot", "hanging basket", "planter", "seed tray"),
        }, ("hardy", "heirloom", "compact", "weatherproof", "classic"),
            ("balconies", "raised beds", "shady corners")),
        Category("Stationery", 5.0, {
            "Paper": ("notebook", "sketch pad", "letter set", "diary"),
            "Writing": ("fountain pen", "pencil set", "felt-tip pens", "highlighter"),
            "Gift wrap": ("wrapping paper", "gift tags", "ribbon", "greeting cards"),
        }, ("recycled", "linen-bound", "pastel", "striped", "botanical"),
            ("students", "careful planners", "birthdays")),
        Category("Home textiles", 22.0, {
            "Bedding": ("duvet cover", "pillowcase", "bed sheet", "blanket"),
            "Bath": ("bath towel", "hand towel", "bath mat", "robe"),
            "Living room": ("cushion", "throw", "curtain", "rug"),
        }, ("linen", "cotton", "woollen", "quilted", "velvet"),
            ("cold nights", "guest rooms", "summer heat")),
        Category("Toys", 12.0, {
            "Building": ("building blocks", "marble run", "train set", "model kit"),
            "Puzzles": ("jigsaw puzzle", "memory game", "board game", "card game"),
            "Soft toys": ("teddy bear", "rag doll", "plush rabbit", "hand puppet"),
        }, ("wooden", "colourful", "magnetic", "giant", "pocket"),
            ("toddlers", "rainy days", "long journeys")),
        Category("Body care", 9.0, {
            "Bath": ("soap bar", "bath salts", "shower gel", "sponge"),
            "Skin": ("hand cream", "face oil", "lip balm", "sun lotion"),
            "Hair": ("shampoo", "conditioner", "hair mask", "comb"),
        }, ("lavender", "unscented", "oatmeal", "citrus", "rosemary"),
            ("dry skin", "daily use", "travel")),
        Category("Outdoor", 28.0, {
            "Camping": ("sleeping bag", "camp stove", "lantern", "folding chair"),
            "Hiking": ("daypack", "walking poles", "rain jacket", "wool socks"),
            "Cycling": ("bike lamp", "pannier", "repair kit", "helmet"),
        }, ("lightweight", "waterproof", "reflective", "foldable", "rugged"),
            ("weekend trips", "commuting", "mountain huts")),
    ),
)  # fmt: skip

CHINESE = ProductWords(
    brands=(
        "禾木", "清川", "云栖", "半山", "松间", "晴野", "南溪", "拾光", "青禾", "归田", "白鹭",
        "木棉",
    ),
    name="{brand}{style}{noun}",
    description="{style}{noun}，适合{use}。{sub}系列，{brand}出品。",
    categories=(
        Category("厨房", 14.0, {
            "锅具": ("平底锅", "奶锅", "砂锅", "炒锅"),
            "餐具": ("餐盘", "汤碗", "托盘", "水壶"),
            "烘焙": ("蛋糕模", "擀面杖", "打蛋盆", "松饼盘"),
        }, ("铸铁", "珐琅", "陶瓷", "紫铜", "橡木"), ("家庭聚餐", "周末慢炖", "小厨房")),
        Category("茶与咖啡", 8.0, {
            "茶叶": ("绿茶", "红茶", "花草茶", "茉莉花茶"),
            "咖啡": ("意式咖啡豆", "滤泡咖啡", "低因咖啡", "冷萃咖啡"),
            "器具": ("茶壶", "磨豆机", "随行杯", "茶漏"),
        }, ("有机", "深焙", "单一产地", "清香", "烟熏"), ("清晨", "安静的午后", "办公室")),
        Category("园艺", 11.0, {
            "种子": ("番茄种子", "向日葵种子", "生菜种子", "野花种子"),
            "工具": ("小铲", "修枝剪", "洒水壶", "耙子"),
            "花盆": ("陶土盆", "吊篮", "种植箱", "育苗盘"),
        }, ("耐寒", "老品种", "迷你", "防雨", "经典"), ("阳台", "菜园", "阴凉角落")),
        Category("文具", 5.0, {
            "纸品": ("笔记本", "素描本", "信纸", "日程本"),
            "书写": ("钢笔", "铅笔套装", "彩色水笔", "荧光笔"),
            "礼品包装": ("包装纸", "礼品吊牌", "丝带", "贺卡"),
        }, ("再生纸", "布面", "淡彩", "条纹", "植物图案"), ("学生", "计划达人", "生日")),
        Category("家纺", 22.0, {
            "床品": ("被套", "枕套", "床单", "毛毯"),
            "卫浴": ("浴巾", "毛巾", "浴室垫", "浴袍"),
            "客厅": ("靠垫", "盖毯", "窗帘", "地毯"),
        }, ("亚麻", "纯棉", "羊毛", "绗缝", "丝绒"), ("寒夜", "客房", "炎夏")),
        Category("玩具", 12.0, {
            "搭建": ("积木", "弹珠轨道", "小火车", "拼装模型"),
            "益智": ("拼图", "记忆卡", "桌游", "纸牌"),
            "毛绒": ("小熊", "布娃娃", "长耳兔", "手偶"),
        }, ("木质", "彩色", "磁力", "大号", "便携"), ("幼儿", "雨天", "长途旅行")),
        Category("个人护理", 9.0, {
            "沐浴": ("香皂", "浴盐", "沐浴露", "浴球"),
            "护肤": ("护手霜", "面油", "润唇膏", "防晒霜"),
            "护发": ("洗发水", "护发素", "发膜", "梳子"),
        }, ("薰衣草", "无香", "燕麦", "柑橘", "迷迭香"), ("干性肌肤", "日常使用", "旅行")),
        Category("户外", 28.0, {
            "露营": ("睡袋", "野营炉", "营灯", "折叠椅"),
            "徒步": ("双肩包", "登山杖", "冲锋衣", "羊毛袜"),
            "骑行": ("车灯", "驮包", "修车包", "头盔"),
        }, ("轻量", "防水", "反光", "可折叠", "耐用"), ("周末出游", "通勤", "山间小屋")),
    ),
)  # fmt: skip

PRODUCT_WORDS = {"en": ENGLISH, "zh": CHINESE}
