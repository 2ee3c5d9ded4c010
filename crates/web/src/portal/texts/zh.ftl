# 门户的简体中文文本。每个键在每种语言中都有。

## 框架

skip = 跳到正文
nav = 您的数据
nav-overview = 概览
nav-held = 我们持有的数据
nav-purposes = 使用目的
nav-used = 使用记录
nav-categories = 您的分类
nav-requests = 您的请求
nav-preferences = 您的选择
leave = 退出
leave-text = 您可以随时凭新链接再次访问。
languages = 语言
footer = 本页面由 { $controller } 负责。如有疑问，请联系：
yes = 是
no = 否
list-comma = 、

## 日期和时间

date = { $year }年{ $month }{ $day }日
moment = { $date } { $time }（世界协调时）
month-1 = 1月
month-2 = 2月
month-3 = 3月
month-4 = 4月
month-5 = 5月
month-6 = 6月
month-7 = 7月
month-8 = 8月
month-9 = 9月
month-10 = 10月
month-11 = 11月
month-12 = 12月

## 出错时

fault-title = 操作未成功
fault-back = 返回首页
fault-not-found = 没有这个页面。
fault-form = 此表单不是在我们的页面上填写的，或者页面打开时间过长。请重新打开页面再操作一次。如果仍然如此，请允许本网站使用 Cookie。
fault-too-large = 您发送的内容过长，请缩短。
fault-too-slow = 您发送的内容未能及时送达，请重试。
fault-too-often = 尝试次数过多，请稍等一分钟后再试。
fault-not-offered = 这里无法办理此事。请写信到下方地址与我们联系。
fault-refused = 我们的隐私声明不允许这样做。
fault-changed = 期间内容有变动。请重新查看后再操作一次。
fault-invalid = 您发送的内容有不符之处。请返回检查。
fault-failed = 我们这边出了故障，没有作任何更改。请稍后再试。

## 登录

sign-in-title = 查看我们持有的关于您的数据
sign-in-text = 请输入您与我们往来时使用的电子邮箱地址。我们会给您发送一个链接，您可以用它查看自己的数据、表达意愿并提出请求。
sign-in-email = 您的电子邮箱地址
sign-in-hint = 即我们给您写信的地址，通常是您的工作邮箱。
sign-in-fault = 这不是电子邮箱地址。请按 name@company.example 的形式填写。
sign-in-button = 给我发送链接
sign-in-no-post = 目前无法发送链接。请写信到下方地址与我们联系。
sent-title = 请查收邮件
sent-text = { $minutes ->
   *[other] 如果我们知道这个地址，一封带有链接的邮件正在发往该地址。链接在 { $minutes } 分钟内有效，只能使用一次。
}
sent-same-browser = 请在这台设备的这个浏览器中打开它。
sent-nothing = 几分钟后仍未收到？可能我们登记的是您的另一个地址，或者这个地址由多人共用。请写信到下方地址与我们联系。
sent-caught = 这是演示：查看被截留的邮件
sent-again = 申请新链接
enter-title = 您的链接
enter-text = 还有一步，以免程序用掉您的链接。
enter-button = 显示我的数据
enter-elsewhere = 此链接只在您申请它的浏览器中有效。请在那里打开，或在此申请新链接。
enter-not-good = 此链接无效。链接在 { $minutes ->
   *[other] { $minutes } 分钟
}内有效，只能使用一次，且只在您申请它的浏览器中有效。

## 邮件

mail-subject = 查看您在 { $controller } 的数据的链接
mail-text =
    您好！

    通过以下链接，您可以查看 { $controller } 持有哪些关于您的数据以及用于什么目的：

    { $url }

    链接在 { $minutes ->
       *[other] { $minutes } 分钟
    }内有效，只能使用一次，且只在您申请它的浏览器中有效。

    如果您没有申请，则无需任何操作：没有这封邮件，任何人都看不到您的数据。

    { $controller }
    { $email }
caught-title = 被截留的邮件
caught-text = 这是演示。邮件不会发出，而是显示在这里，最新的在最前。
caught-none = 暂时没有。

## 首页

overview-title = 您在我们这里的数据
overview-text = 在这里，您可以看到 { $controller } 持有哪些关于您（作为贵公司代表）的数据、为什么持有、保留多久以及谁使用过。您可以表明不希望的用途，也可以提出请求。
overview-held = { $records ->
    [0] 我们没有关于您的数据。
   *[other] { $records } 条记录
}{ $kinds ->
    [0] {""}
   *[other] ，共 { $kinds } 类数据。
}
overview-purposes = { $uses ->
    [0] 我们的 { $all } 个目的目前都没有使用您的数据。
   *[other] 我们的 { $all } 个目的中，目前有 { $uses } 个使用您的数据。
}
overview-used = 每一次查看您的数据：何时、为何、以何种职务。
overview-categories = 您所属的联系人分类。
overview-requests = { $open ->
    [0] 请我们更正、限制或删除某些数据。
   *[other] 您有 { $open } 项请求正在等待我们答复。
}
overview-preferences = 主题、频率、语言以及我们可以怎样联系您。
copy-title = 带走您的数据
copy-text = 我们持有的关于您的全部数据，以文件形式供您或其他程序使用（JSON）。

## 我们持有的数据

held-title = 我们持有的关于您的数据
held-text = 按数据类别列出全部数据及其来源。
held-all = 全部数据类别
held-correct = 有误：请求更正
held-why = 为什么可以使用
held-elsewhere-title = 仅供需要者查看
held-elsewhere-text = 我们也可能持有这些类别的数据。只有需要它们的目的才可以查看。您可以通过查阅请求获取。
held-nothing-title = 以下类别没有数据
held-nothing-text = 我们的隐私声明提到了它们，但没有关于您的此类数据。
held-count = { $records ->
   *[other] { $records } 条记录。
}
held-source = 通常来源：
held-withheld = { $records ->
   *[other] { $records } 条记录已过期：我们不得再查看，并会将其删除。
}
held-more = { $more ->
   *[other] 显示另外 { $more } 条较早的记录
}
held-in-copy = { $more ->
   *[other] 另有 { $more } 条较早的记录在您可以带走的文件中。
}
record-for = 收集目的：
standing-title = 您与您的公司
standing-country = 国家
standing-law = 适用于您的法律
standing-active = 最近往来
standing-ended = 关系结束
standing-archived = 您已很久没有与我们往来。您的数据在档案中，几乎无人可以查看。
standing-sole-trader = 您的公司就是您本人：与其有关的内容按您的个人数据处理。
standing-restricted = 您的数据或其中一部分的使用受到限制。

## 使用目的

purposes-title = 我们为哪些目的使用您的数据
purposes-text = 这些是我们隐私声明中的目的。您在此处的表态立即生效；需要由人来决定的，我们会说明。
purpose-details = 依据、数据和期限
purpose-why = 依据
purpose-which = 哪些数据，到何时为止
purpose-recipients = 公司以外可能的接收方
purpose-sees = 此目的目前使用您的数据。
purpose-aliases = 此目的目前以化名使用您的数据：相关人员不知道您是谁。
purpose-counts = 此目的目前只把您计入统计数字，从不看到个人。
purpose-partly = 已停止：{ $stopped }。您的数据目前仅用于：{ $going }。
purpose-sees-nothing = 此目的目前不使用您的任何数据。
use-not-now = 目前不使用：
seen-nothing-held = 没有此类数据
seen-open = 在事项了结之前
seen-until = 到 { $day } 为止
seen-while = 在您与我们往来期间
basis-consent = 您的同意
basis-contract = 与您的合同
basis-legal-obligation = 法律规定的义务
basis-vital-interests = 保护他人的生命或健康
basis-legitimate-interest = 我们的正当利益

reason-unknown = 我们的隐私声明中没有这一项。
reason-role-lacks-purpose = 没有人从事这项工作。
reason-not-in-notice = 我们的隐私声明没有列出。
reason-operation-not-allowed = 我们的隐私声明不允许。
reason-not-for-this-use = 不用于这一用途。
reason-only-in-aggregate = 仅以统计数字形式。
reason-erased = 您的数据已被删除。
reason-held-elsewhere = 您的数据保存在另一个地区。
reason-archived = 您的数据在档案中。
reason-restricted = 您的数据的使用受到限制。
reason-objected = 您已反对。
reason-objection-being-weighed = 您已反对，正在由人作出决定。
reason-no-consent = 您尚未同意。
reason-channel-not-opened = 您没有同意以这种方式联系。
reason-past-window = 期限已过。

objecting-marketing = 您可以不说明理由提出反对。所有目的下的直接营销将立即停止。
objecting-at-once = 您可以不说明理由提出反对，立即生效。
objecting-weighed = 您可以根据自身情况提出反对。此目的将立即暂停，直到由人作出决定。
objecting-being-weighed = 您已反对。此目的暂停，直到由人作出决定。
objecting-stands = 您已反对，反对有效。
objecting-no = 对此目的不能反对：法律规定了我们的义务，或者反对会使其落空。
object = 反对
object-withdraw = 撤回反对
consenting-missing = 没有您的同意，什么都不会做。
consenting-given = 您已同意。您可以随时撤回，对今后生效。
consent = 我同意
consent-withdraw = 撤回同意
profiling-title = 兴趣和分类
profiling-text = 我们可能会推断您似乎感兴趣的内容，并将联系人分类。您可以随时不说明理由提出反对。
profiling-objected = 您已反对。我们不为您推断兴趣，也不进行分类。
profiling-object = 反对推断兴趣和分类
profiling-withdraw = 撤回这一反对

said-title = 已完成
said-done = 从现在起生效。
meaning-already-so = 此前已是如此。
meaning-no-objection = 没有可以撤回的反对。
meaning-no-consent = 没有可以撤回的同意。
meaning-not-restricted = 没有这样的限制。
meaning-stops = 从现在起，此目的不再使用您的数据。
meaning-use-stops = 从现在起，这条记录不再用于此用途。
meaning-marketing-stops = 从现在起，所有目的下对您的直接营销都将停止。
meaning-profiling-stops = 从现在起，我们不再为您推断兴趣，也不进行分类。
meaning-being-weighed = 从现在起此目的暂停，直到由人对您的反对作出决定。我们会通知您。
meaning-goes-on = 此目的继续。
meaning-objection-stands = 您的另一项反对仍然有效。如果愿意，请先撤回它。
meaning-on-other-ground = 此目的不以您的同意为依据，因此有无同意都会继续。能使其停止的是反对。
meaning-while-restricted = 此目的仍会继续：为了权利主张、法定义务或保护他人。
meaning-still-restricted = 另一项限制仍然有效。
meaning-channel-open = 我们可以用这种方式进行直接营销。
meaning-channel-shut = 我们不用这种方式进行直接营销。

## 使用记录

used-title = 谁使用过您的数据
used-text = 每一次查看和更改您的数据，最新的在最前。您看到的是目的和职务，而不是姓名：这保护我们的同事，正如其他规定保护您一样。
used-newest = 返回最新
used-none = 这一段记录中没有内容。
used-older = 查看更早的记录
used-count = { $records ->
   *[other] （{ $records } 条记录）
}
used-kinds = { $kinds ->
   *[other] { $kinds } 类数据
}
used-in-list = （与他人同在一份列表中）
used-yours = 您本人，{ $acts } 次
used-who = 谁
used-purpose = 目的
used-data = 哪些数据
used-you = 您本人
used-system = 没有人：由系统自动进行
used-no-role = 已不再担任此目的职务的人员
act-looked = 查看
act-asked = 询问是否可以查看
act-added = 添加
act-changed = 更改
act-derived = 由其他数据推断
act-disclosed = 提供给接收方
act-removed = 移除
act-erased = 全部删除
act-said = 记录您的表态
act-requested = 提出请求
act-link-asked = 申请了访问本页面的链接
act-entered = 进入本页面
act-left = 离开本页面

## 分类

categories-title = 您的分类
categories-text = 为了让消息传达给真正需要的人，我们按下面公布的规则对联系人进行分类。
categories-none = 您不属于任何分类。
categories-never = 我们不对任何人分类，也不推断兴趣。
categories-by-rule = 您自 { $day } 起属于此分类，因为符合公布的规则。
categories-by-person = 工作人员于 { $day } 将您列入此分类。
categories-kept-out = 自 { $day } 起，工作人员将您排除在此分类之外。
categories-reason = 原因：
interests-title = 您的兴趣
interests-text = 根据您对我们所发信息的反应推断。每次反应的权重见隐私声明，{ $days } 天后减半。
interests-score = { $score }，最近一次反应：{ $day }
categories-review = 请人工复核
categories-all = 现有的分类

## 请求

requests-title = 您的请求
requests-text = 需要由人处理的事项在此提出。反对和同意无需请求：在“使用目的”中操作，立即生效。
requests-opened = 我们已收到您的请求。见下方，并注明我们答复的期限。
requests-none-taken = 这里无法提出请求。请写信到下方地址与我们联系。
requests-yours = 您提出过的请求
requests-none = 您还没有提出过请求。
requests-all = 全部请求
request-title = 请求
request-access = 了解全部数据
request-access-text = 我们持有的数据，您在这些页面上立即可以看到。如果您想了解更多，例如只有某些目的可以查看的内容，请在此提出。
request-rectification = 请求更正
request-rectification-text = 请告诉我们哪里有误或缺失，以及正确的内容。
request-erasure = 请求删除
request-erasure-text = 我们会删除持有的关于您的数据，但法律规定必须保留的除外，并会告知您是哪些。此操作无法撤销。
request-restriction = 请求限制使用
request-restriction-text = 我们保留您的数据但停止使用，例如在核实其是否正确之前。
request-portability = 将数据转移给他人
request-portability-text = 您可以立即以文件形式带走数据。如果需要我们将其发送给另一家公司，请在此提出。
request-human-review = 请求人工复核
request-human-review-text = 由人查看您的兴趣和分类，如有错误则予以更改。
request-days = { $days ->
   *[other] 我们会在 { $days } 天内答复。
}
request-words = 您想告诉我们的内容
request-words-hint = 可以留空。最多 { $most } 个字符。
request-send = 提交请求
request-field = 哪里有误？
request-field-choose = 请选择
request-value = 正确的内容是什么？
request-value-hint = 如需移除，请留空。
request-faults = 请检查以下内容：
request-too-many = 您未办结的请求已达上限。请等待其中一项得到答复。
request-fault-field = 请选择有误的内容。
request-fault-value = 这不能作为所选内容的值。请检查写法。
request-fault-words = 文本过长，或含有无法保存的字符。
request-state = 状态
request-received = 收到日期
request-due = 答复期限
request-answered = 答复日期
request-outcome = 结果
request-refused = 未予同意的原因
request-your-words = 您的说明

## 选择

preferences-title = 您的选择
preferences-saved = 您的选择已保存。
preferences-text = 您在此处的选择立即生效。
preferences-none = 这里没有可选择的内容。
preferences-save = 保存我的选择
preferences-open = 未选择
channels-title = 我们可以怎样向您发送消息和优惠信息
channels-text = 这里只涉及直接营销。关于订单、交货等事项，我们仍会照常给您写信。
channels-objected = 您已反对直接营销，因此我们不会以其中任何方式进行直接营销。
channel-email = 电子邮件
channel-phone = 电话
channel-post = 信函
channel-is-open = 我们可以使用这种方式。
channel-is-shut = 我们不使用这种方式。
channel-open = 可以使用
channel-close = 不要使用
channel-reopen = 可以再次询问我
