"""Chinese family names: facts of the language that the name field, the name mask and the text finder share."""

from typing import Final


def _split(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Names with two or more characters, Han and of minority or Manchu origin.
COMPOUND: Final = _split(
    "欧阳 司马 诸葛 上官 夏侯 东方 皇甫 尉迟 公孙 轩辕 令狐 宇文 长孙 慕容 司徒 司空 司寇 南宫 南门 东郭",
    "西门 东门 百里 呼延 端木 独孤 拓跋 拓拔 完颜 鲜于 闾丘 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙",
    "钟离 锺离 公羊 公西 公良 公户 公仪 公仲 公上 公门 公山 公坚 公伯 公祖 公乘 公皙 公叔 左丘 左人 梁丘",
    "闻人 闻丘 赫连 万俟 谷梁 穀梁 宰父 夹谷 壤驷 乐正 漆雕 巫马 颛孙 子车 亓官 丌官 段干 羊舌 微生 子书",
    "子桑 子雅 即墨 达奚 褚师 仲长 叔孙 屈突 尔朱 东乡 相里 胡母 司城 张廖 雍门 毋丘 贺兰 綦毋 屋庐 晏婴",
    "第五 太史 纳兰 纳喇 那拉 叶赫 富察 佟佳 章佳 马佳 费莫 乌雅 乌孙 碧鲁 图门 耶律 范姜 张简 陆费 侯莫",
    "宿勤 源赤 拔列 斛律 斛斯 若干 步六 破六 贺若 贺拔 贺楼 库狄 库汗 普陋 豆卢 乞伏 秃发 沮渠 可朱 吐谷",
    "郁久 阿史 沙吒 伊祁 伊娄 哥舒 仆固 执失 慕舆 爱新 欧陽 東方 諸葛 司馬 鍾離 獨孤 東郭 叶赫那拉 叶赫那兰",
    "爱新觉罗 钮祜禄 瓜尔佳 赫舍里 索绰络 舒穆禄 喜塔腊 伊尔根觉罗 他塔喇 萨克达 依尔觉罗 萨嘛喇",
)

# Family names, frequent and rare, that are seldom the beginning of an everyday word.
COMMON: Final = frozenset(
    "王李张刘陈杨赵吴周徐孙朱郭何罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶魏苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆戴贾"
    "韦邱邹熊孟秦阎薛侯尹段雷黎陶贺顾郝龚邵严武莫孔汤洪倪翟樊颜殷裴霍覃聂骆焦岳齐梅庞柳欧祝阮纪耿关鲁庄辛柴詹娄苗俞涂"
    "翁葛蓝凌邢蒲毕冉祁柯鲍窦裘甄桑褚岑卜卞穆佟佘邝缪姬嵇郜闵栾滕瞿晏茅戚劉陳楊趙吳孫鄭謝許馮鄧蕭蔣葉蘇呂盧鐘譚陸韋鄒"
    "閻賈顧龔嚴湯龐歐紀魯莊婁藍閔逯郗邰邬郎虞萧闫程付仝亓笪冼蔺鞠訾郄麴肇娣佴阚晁厍蒯芮靳糜郦莘竺胥宓戎仉昝粘綦揭禤邸"
    "撖谌侴芦"
)

# Frequent family names that begin frequent words.
FREQUENT: Final = frozenset(
    "林高胡马黄石金白江方夏安龙钱万常毛乔牛单包易康史于季解党时匡练车路管向尚温幸昌沙原迟左符谷盛厉咎施"
)

# Family names that begin, or are, everyday words: believed only with more evidence.
AMBIGUOUS: Final = frozenset(
    "代成米游乐水明花平元和计伏谈项屈舒危麻强童支房应宗宣干经宫甘景束印宿怀从鄂索咸籍赖卓屠蒙池能苍双闻贡劳逄申扶堵宰"
    "雍却璩濮寿通边扈燕冀郏浦农别充慕连茹习宦艾鱼容古慎戈终暨居衡步都满弘国文寇广禄阙东殳沃利蔚越夔隆师巩勾敖融冷那简"
    "饶空毋乜养须丰巢相查后荆红权盖益桓公督晋楚法汝鄢钦归海墨哈谯年爱阳言福曲家封羿储汲邴松井富巫乌巴弓牧隗山仲伊宁仇"
    "暴钭祖刁苟庹鹿操贝皮臧丛矫展阴薄种伍狄楼青信来税回占鄞腾由敬宝奚喻柏章云郁华尤全班秋酆费廉滑贲诸钮荀羊於蓬仰黨麦"
    "卫凤湛禹席吉荣惠司韶蓟鬱郤桂庾檀隋官战苑盘冶矣恽昂窪蹇雒宛尉招脱啜辜褟撒"
    "尧但兰折呼木永帅亢况琴商牟伯赏南台雪豆令风者黃馬鍾喬藺單時應龍萬齊華雲範簡農甯"
)

SINGLE: Final = COMMON | FREQUENT | AMBIGUOUS
LONGEST: Final = max(map(len, COMPOUND))
_COMPOUND_STARTS: Final = frozenset(name[0] for name in COMPOUND)


def surname_length(text: str) -> int:
    """Return how many code points of `text` are its family name: a compound one first, 0 when none is known."""
    if not text:
        return 0
    if text[0] in _COMPOUND_STARTS:
        for length in range(min(LONGEST, len(text)), 1, -1):
            if text[:length] in COMPOUND:
                return length
    return 1 if text[0] in SINGLE else 0
