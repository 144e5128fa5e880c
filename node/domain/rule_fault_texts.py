"""What people are told of each fault of a rule document: cause and remedy, in both languages."""

from __future__ import annotations

from node.domain.fault_text import FaultText

RULE_FAULTS = {
    "NOT_JSON": FaultText(
        "不是 UTF-8 编码的合法 JSON",
        "请在此行附近检查引号、逗号和括号",
        "not JSON in UTF-8",
        "check quotes, commas and brackets near this line",
    ),
    "TOO_LARGE": FaultText(
        "文件超过 32 MiB", "请拆分为多条规则", "larger than 32 MiB", "split it into several rules"
    ),
    "NOT_CANONICAL": FaultText(
        "不是规范写法",
        "请用 creditbank rule import 导入",
        "not the canonical spelling",
        "import it with: creditbank rule import",
    ),
    "NOT_AN_OBJECT": FaultText("此处应为对象", "请写成 {…}", "not an object", "write {...} here"),
    "NOT_A_LIST": FaultText("此处应为数组", "请写成 […]", "not a list", "write [...] here"),
    "NOT_A_TRUTH": FaultText(
        "此处应为 true 或 false", "请去掉引号", "neither true nor false", "write one, unquoted"
    ),
    "KEY_REPEATED": FaultText(
        "同一对象中键重复", "请只保留一个", "a key stands twice in one object", "keep one of them"
    ),
    "KEY_UNKNOWN": FaultText(
        "未知的键", "请删除或更正拼写", "an unknown key", "remove it or correct its spelling"
    ),
    "KEY_MISSING": FaultText(
        "缺少此键",
        "请补上;无值时写 null 或空串",
        "this key is missing",
        "add it, with null or an empty text where there is no value",
    ),
    "RULE_NAME": FaultText(
        "规则名有误",
        "请写成 省级代码/名称,如 CN-44/general",
        "not a rule's name",
        "write province/name, as CN-44/general",
    ),
    "VERSION": FaultText(
        "版本号有误", "请写不小于 1 的整数", "not a version", "write a whole number from 1"
    ),
    "TITLE": FaultText(
        "标题为空、过长或含控制字符",
        "请写不超过 400 字的文字",
        "an empty or long title, or one with control characters",
        "write plain text of at most 400 characters",
    ),
    "DATE": FaultText("日期不存在", "请写成 YYYY-MM-DD", "no such date", "write YYYY-MM-DD"),
    "ENDS_BEFORE_START": FaultText(
        "失效日早于生效日", "请更正其中之一", "valid_until is before valid_from", "correct one"
    ),
    "ENTRY_COUNT": FaultText(
        "条目为空或超过 100000 条",
        "请增加条目或拆分规则",
        "no entries, or more than 100000",
        "add some or split the rule",
    ),
    "ID_REPEATED": FaultText(
        "条目编号重复", "请改用新的编号", "an entry before has this id", "give it another id"
    ),
    "NEVER_REACHED": FaultText(
        "前面已有来源和代码相同的条目",
        "请合并两条或更改代码",
        "an entry before has this source and code, so this one is never reached",
        "merge the two or change the code",
    ),
    "CODE": FaultText(
        "代码有误",
        "请写不超过 64 字、首尾无空格且不含 * 的代码",
        "not a code",
        "write at most 64 characters, no spaces around, no *",
    ),
    "PATTERN": FaultText(
        "代码模式有误",
        "请写完整代码、以 * 结尾的前缀或 *",
        "not a pattern of codes",
        "write a whole code, a prefix ending with *, or *",
    ),
    "SOURCE": FaultText(
        "未知的来源省",
        "请写如 CN-33 的省级代码或 *",
        "not a province",
        "write a code such as CN-33, or *",
    ),
    "RATIO": FaultText(
        "比例有误",
        "请写成如 4/5 的分数,大于 0 且不超过 100",
        "not a ratio",
        "write a fraction such as 4/5, above 0 and at most 100",
    ),
    "GRADE": FaultText(
        "最低成绩有误",
        "请写 0 到 100 的整数或 null",
        "not a minimum grade",
        "write a whole number from 0 to 100, or null",
    ),
    "LEVEL": FaultText(
        "最低等级有误",
        "请写 1 到 10 的整数或 null",
        "not a minimum level",
        "write a whole number from 1 to 10, or null",
    ),
    "KINDS": FaultText(
        "成果类型有误",
        "请按此顺序选用 DEGREE、TRAINING、CERTIFICATE、INFORMAL,或写 null",
        "not a list of kinds",
        "choose from DEGREE, TRAINING, CERTIFICATE, INFORMAL in this order, or write null",
    ),
    "NOT_YAML": FaultText(
        "不是可读的 YAML",
        "请检查此行附近的缩进、引号和冒号",
        "not YAML that can be read",
        "check indents, quotes and colons near this line",
    ),
    "NOT_TOML": FaultText(
        "不是合法的 TOML",
        "请检查此行附近的引号和等号",
        "not TOML",
        "check quotes and equals signs near this line",
    ),
    "YAML_ALIAS": FaultText(
        "使用了锚点、引用或标签",
        "请写出其内容",
        "an anchor, alias or tag",
        "write out what it stands for",
    ),
    "FORM": FaultText(
        "格式号有误", "请写 form: 2", "not a form of rules that is known", "write form: 2"
    ),
    "TOO_DEEP": FaultText(
        "嵌套超过 8 层",
        "请展开或拆分要求",
        "nested more than 8 deep",
        "flatten the requirement or split it",
    ),
    "TEXTS": FaultText(
        "词表有误", "请写由文字组成的数组", "not a list of texts", "write a list of plain texts"
    ),
    "NOTE": FaultText(
        "说明过长或含控制字符",
        "请写不超过 2000 字的文字",
        "a note that is long or has control characters",
        "write at most 2000 characters of plain text",
    ),
    "LEVEL_OPERATOR": FaultText(
        "等级要求有误",
        '请写 NOT_LOWER、SAME、ANY 或 {"at_least": 级}',
        "not a level operator",
        'write NOT_LOWER, SAME, ANY or {"at_least": level}',
    ),
    "LEVEL_NUMBER": FaultText(
        "等级有误",
        "请写 0 到 10 的整数,0 为未定",
        "not a level",
        "write a whole number from 0 to 10, 0 for unknown",
    ),
    "SUM": FaultText(
        "数量有误", "请写不小于 1 的整数", "not an amount", "write a whole number from 1"
    ),
    "PERCENT": FaultText(
        "百分比有误",
        "请写 1 到 100 的整数",
        "not a percentage",
        "write a whole number from 1 to 100",
    ),
    "YEARS": FaultText(
        "年数有误",
        "请写 1 到 100 的整数",
        "not a number of years",
        "write a whole number from 1 to 100",
    ),
    "SCALES": FaultText(
        "等级制有误",
        "请从高到低列出至少两个不重复的等级,并避开内置名称",
        "not named scales of grades",
        "list two grades or more from best to worst, under names that are not built in",
    ),
    "GRADE_OF_SCALE": FaultText(
        "该等级制没有此成绩",
        "请写该等级制中的成绩;百分制写整数",
        "the scale has no such grade",
        "write a grade of the scale, or a whole number for percent",
    ),
    "CATALOGUE_COUNT": FaultText(
        "目录为空或超过 10000 个",
        "请至少列出一个目录",
        "no catalogues, or more than 10000",
        "list one or more",
    ),
    "CATALOGUE_VERSION": FaultText(
        "目录版本有误",
        "请写版本号,或 * 表示不限",
        "not a version of a catalogue",
        "write the version, or * for any",
    ),
    "CATALOGUE_REPEATED": FaultText(
        "目录简称重复", "请改用新的简称", "a catalogue before has this key", "give it another key"
    ),
    "CATALOGUE_UNKNOWN": FaultText(
        "没有此简称的目录",
        "请在 catalogues 中列出或更正简称",
        "no catalogue has this key",
        "list it under catalogues or correct the key",
    ),
    "CATALOGUE_ABROAD": FaultText(
        "授予的目标不在本省目录",
        "请引用本省的目录",
        "the target lies in another province's catalogue",
        "cite a catalogue of the rule's own province",
    ),
    "VERSION_OF_ANY": FaultText(
        "来源不限的目录不能指定版本",
        "请写明来源省,或将版本写为 *",
        "a version where any province may be the source",
        "name the province, or write * for the version",
    ),
    "DIGEST_FORM": FaultText(
        "摘要有误",
        "请写 64 位小写十六进制",
        "not a digest",
        "write 64 hexadecimal digits in lower case",
    ),
    "DIGEST_AND_VERSION": FaultText(
        "版本与摘要须同时写明",
        "请补上目录文件的 SHA-256,版本为 * 时请删除",
        "version and digest go together",
        "add the catalogue's SHA-256, or leave it out where the version is *",
    ),
    "ROUNDING": FaultText(
        "舍入方式有误",
        "请写 DOWN、HALF_UP 或 HALF_EVEN",
        "not a rounding",
        "write DOWN, HALF_UP or HALF_EVEN",
    ),
    "HOURS_PER_CREDIT": FaultText(
        "缺少或写错每学分学时数",
        "请在 defaults 中写 hours_per_credit",
        "no hours per credit, or none that is one",
        "write hours_per_credit under defaults, from 1 to 1000",
    ),
    "DUPLICATES": FaultText(
        "重复规则有误",
        "请写 CODE、NAME 或 NONE",
        "not a rule for like content",
        "write CODE, NAME or NONE",
    ),
    "GRANT_COUNT": FaultText(
        "没有授予内容或超过 50 项",
        "请写至少一项",
        "nothing is granted, or more than 50 targets",
        "write one or more",
    ),
    "GRANT_MEASURE": FaultText(
        "须且只能写一种授予方式",
        "请在 credits_hundredths、ratio、hours_ratio 中选一",
        "not exactly one measure of what is granted",
        "write one of credits_hundredths, ratio, hours_ratio",
    ),
    "TARGET_REPEATED": FaultText(
        "同一条目重复授予同一目标", "请合并", "the entry grants this target twice", "merge the two"
    ),
    "GRADE_WRITTEN": FaultText(
        "记载成绩有误",
        "请写 EXEMPT、AS_IS,或从最低分到文字的对应",
        "not a way to write the grade",
        "write EXEMPT, AS_IS, or a text for each least mark",
    ),
    "TRACK": FaultText(
        "决定方式有误",
        "请写 RULE、REVIEWER 或 PANEL",
        "not a track",
        "write RULE, REVIEWER or PANEL",
    ),
    "INCOMPLETE": FaultText(
        "部分满足的处理有误",
        "请写 HOLD 或 REFUSE",
        "not a way to treat what is incomplete",
        "write HOLD or REFUSE",
    ),
    "REQUIREMENT": FaultText(
        "不是一项要求",
        "请写 course、all、any、at_least 与 of、sequence 或 pool 之一",
        "not a requirement",
        "write one of course, all, any, at_least with of, sequence, pool",
    ),
    "COUNT": FaultText(
        "门数有误",
        "请写 1 到所列项数之间的整数",
        "not a count of the parts",
        "write a whole number from 1 to how many are listed",
    ),
    "PART_COUNT": FaultText(
        "没有内容或超过 500 项",
        "请增加、合并或拆分",
        "no parts, or more than 500",
        "add some, merge or split",
    ),
    "POOL_MEASURE": FaultText(
        "须且只能写一种合计方式",
        "请在 lots、credits_hundredths、hours 中选一",
        "not exactly one sum that the pool must reach",
        "write one of lots, credits_hundredths, hours",
    ),
    "BOUND_OF_FIXED": FaultText(
        "固定学分不需要上下限",
        "请删除上下限或改用比例",
        "a fixed amount has bounds",
        "remove the bounds or write a ratio",
    ),
    "BOUNDS": FaultText(
        "上限低于下限", "请更正其中之一", "the upper bound lies below the lower", "correct one"
    ),
}
