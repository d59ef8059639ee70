"""Names of people written into an address: 王女士, 张三收, 收件人：李四, or 张三 beside a phone number.

The pattern reads text whose unit parts and numbers are already `*` and whose phones are `PHONE`, one for one.
"""

import re
from typing import Final

from midan.core.masking.address_words import HAN, NUMERAL

# Stands for each character of a phone while names are looked for; no character of any text.
PHONE: Final = "\uffff"
PHONES: Final = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)|(?<!\d)\d{11}(?!\d)"
)
# The usual surnames, without those that are words of addresses first (路 高 石 方 水 金 花 左 东 门).
_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙朱胡郭何罗郑梁谢宋唐许邓冯韩曹曾彭肖蔡潘袁于董余苏叶吕"
    "魏蒋杜丁沈任姚卢傅钟姜崔谭廖范汪陆贾夏韦付邱侯邹熊孟秦阎薛闫段雷黎史陶贺毛郝顾"
    "龚邵覃武钱戴严莫孔汤尹常赖樊兰殷邢颜葛倪翁俞章鲁聂齐詹洪施柳牛纪舒岳涂梅祝焦庞柯阮毕"
    # the same in traditional writing, where it differs
    "張劉陳楊趙黃吳孫羅鄭謝許鄧馮韓蕭潘餘蘇葉呂蔣瀋盧鍾賈韋鄒閻薛雷賀顧龔錢嚴莫湯賴蘭顏聶齊莊紀塗畢譚陸範"
)
_COMPOUND: Final = "欧阳|司马|上官|诸葛|司徒|东方|独孤|南宫|夏侯|皇甫|尉迟|公孙|慕容|令狐"
_FIRST: Final = _SURNAMES + "".join(name[0] for name in _COMPOUND.split("|"))
# A word that ends so is a place or a trade, never a name.
_PLACE: Final = (
    "路街道巷村镇乡县区市省旗园苑城店院楼座栋厦场站港湾庄屯里弄坊桥门口边侧面局校所馆厅房"
    "室号组队社厂行部处台铺家吧网木"
)
_SURNAME: Final = f"(?:{_COMPOUND}|[{_SURNAMES}])"
_NAME: Final = f"{_SURNAME}[{HAN}]?[{HAN}](?<![{_PLACE}])"
_TITLE: Final = (
    "(?:先生|女士|小姐|太太|同学|老师|师傅|阿姨|叔叔|大姐|大哥|大爷|大妈|经理|老板|医生|主任"
    rf"|总(?=$|[^{HAN}]|收))"
)
_BREAKS: Final = r"\s,，。.、;；:：/|()（）\[\]【】<>《》\-—_+"
_BREAK: Final = f"[{_BREAKS}]"
_RECEIVES: Final = rf"{_BREAK}{{0,2}}[亲签代]?[收启][件货]?(?:$|[{_BREAKS}*人{PHONE}])"

_PROVINCES: Final = (
    "北京|天津|河北|山西|内蒙古|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南"
    "|重庆|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾"
)
# One of these is in every text that PEOPLE can match, save for a name at its very head or end.
HINTS: Final = re.compile(
    rf"[先女姐太同老傅姨叔哥爷妈理板医任总收启件货系签转交找给{PHONE}]|^[{HAN}]{{2,4}}{_BREAK}"
)
PEOPLE: Final = re.compile(
    rf"(?=[{_FIRST}])(?:{_SURNAME}(?:(?![{_PLACE}])[{HAN}]){{0,2}}{_TITLE}"
    rf"|{_NAME}(?=(?:{_RECEIVES})|{_BREAK}{{0,2}}{PHONE}))"
    rf"|^{_NAME}(?={_BREAK}{{1,3}}(?:{_PROVINCES}))"
    rf"|(?<=[{_BREAKS}*{PHONE}人转交找给组队班])(?:"
    rf"(?<=[\d{NUMERAL}*)][组队班]){_BREAK}?(?!.家){_NAME}(?<![湾坝坪坡岭冲垸塘沟山岗窑岩寨坎垭坳田圩洼河滩溪])$|"
    rf"(?<={PHONE}){_BREAK}{{0,2}}{_NAME}(?=$|{_BREAK}|{_PROVINCES})"
    rf"|(?<=[*{PHONE}]){_BREAK}{{0,2}}{_NAME}(?=$|转)"
    rf"|(?<=[{_BREAKS}*{PHONE}])[{HAN}]{{2,4}}(?=[(（]?亲?收[)）]?$)"
    rf"|(?<=收件人|收货人|联系人|寄件人|签收人)[:：\s]{{0,2}}[{HAN}]{{2,4}}"
    rf"|(?<=[转交找给]){_NAME}(?=$|[{_BREAKS}*{PHONE}]))"
)
# 买买提·艾力, Tom Smith, 许芳家: one of these is in every text that OTHERS can match.
OTHER_HINTS: Final = ("·", PHONE, "收", "家")
OTHERS: Final = re.compile(
    rf"(?<=[{_BREAKS}*号室楼栋])[{HAN}]{{1,6}}·[{HAN}]{{1,8}}?(?={_TITLE}|{_RECEIVES}|{_BREAK}{{0,2}}{PHONE})"
    rf"|(?<![A-Za-z])[A-ZＡ-Ｚ][a-zａ-ｚ]+(?:[ ·.　][A-ZＡ-Ｚ][a-zａ-ｚ]*){{0,3}}(?={_RECEIVES}|{_BREAK}{{0,2}}{PHONE})"
    rf"|(?<=[村组队屯庄寨湾坪沟场查边面旁门*])(?<!厦门|天门|江门|玉门|石门|三门|澳门|荆门|龙门){_NAME}(?<![酒人专管])(?=家[里中]?$)"
)
