# The portal's words in English. Every key is in every language.

## The frame

skip = Skip to the content
nav = Your data
nav-overview = Overview
nav-held = What we hold
nav-purposes = What we use it for
nav-used = Who used it
nav-categories = Your categories
nav-requests = Your requests
nav-preferences = Your choices
leave = Sign out
leave-text = You can come back at any time with a new link.
languages = Language
footer = { $controller } is responsible for these pages. Questions?
yes = Yes
no = No
list-comma = ,{" "}

## Days and times

date = { $day } { $month } { $year }
moment = { $date }, { $time } UTC
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## What goes wrong

fault-title = That did not work
fault-back = Back to the first page
fault-not-found = There is no such page.
fault-form = This form was not filled in on a page of ours, or the page was open for too long. Please open the page again and repeat what you did. If this comes back, allow cookies for this site.
fault-too-large = What you sent is too long. Please shorten it.
fault-too-slow = What you sent did not arrive in time. Please try again.
fault-too-often = You have tried too often. Please wait a minute, then try again.
fault-not-offered = That cannot be done here. Please write to us at the address below.
fault-refused = Our privacy notice does not allow that.
fault-changed = Something changed in the meantime. Please look again and repeat it.
fault-invalid = Something in what you sent does not fit. Please go back and check it.
fault-failed = Something failed on our side, and nothing was changed. Please try again in a while.

## Signing in

sign-in-title = See what we hold about you
sign-in-text = Enter the e-mail address under which you deal with us. We send you a link that lets you see your data, say what you want, and ask us for more.
sign-in-email = Your e-mail address
sign-in-hint = The one that we write to, usually your address at work.
sign-in-fault = This is not an e-mail address. Please write it like name@company.example.
sign-in-button = Send me a link
sign-in-no-post = No links can be sent at the moment. Please write to us at the address below.
sent-title = Look at your mail
sent-text = { $minutes ->
    [one] If we know this address, a mail with a link is on its way to it. The link works once, within { $minutes } minute.
   *[other] If we know this address, a mail with a link is on its way to it. The link works once, within { $minutes } minutes.
}
sent-same-browser = Please open it on this device, in this browser.
sent-nothing = Nothing there after a few minutes? We may know you under another address, or several people share this one. Then please write to us at the address below.
sent-caught = This is a demo: see the mail that was caught
sent-again = Ask for a new link
enter-title = Your link
enter-text = One more step, so that no program can use up your link.
enter-button = Show my data
enter-elsewhere = This link works only in the browser in which you asked for it. Please open it there, or ask for a new one here.
enter-not-good = This link does not work. It works once, within { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}, and only in the browser in which you asked for it.

## The mail

mail-subject = Your link to your data at { $controller }
mail-text =
    Hello,

    with this link you see what { $controller } holds about you, and what it is used for:

    { $url }

    It works once, within { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }, in the browser in which you asked for it.

    You did not ask for it? Then you need not do anything: nobody sees your data without this mail.

    { $controller }
    { $email }
caught-title = Mail that was caught
caught-text = This is a demo. No mail leaves it; it is shown here, the newest first.
caught-none = There is none yet.

## The first page

overview-title = Your data with us
overview-text = Here you see what { $controller } holds about you as a representative of your company, why, for how long, and who used it. You can say what you do not want, and ask us for more.
overview-held = { $records ->
    [0] We hold nothing about you.
    [one] { $records } record
   *[other] { $records } records
}{ $kinds ->
    [0] {""}
    [one] {" "}in one kind of data.
   *[other] {" "}in { $kinds } kinds of data.
}
overview-purposes = { $uses ->
    [0] None of our { $all } purposes uses your data now.
    [one] One of our { $all } purposes uses your data now.
   *[other] { $uses } of our { $all } purposes use your data now.
}
overview-used = Every look at your data: when, for what, and in which role.
overview-categories = The categories of contacts to which you belong.
overview-requests = { $open ->
    [0] Ask us to correct, restrict or erase something.
    [one] One of your requests is waiting for our answer.
   *[other] { $open } of your requests are waiting for our answer.
}
overview-preferences = Topics, how often, your language, and how we may reach you.
copy-title = Take your data along
copy-text = Everything that we hold about you, as a file for you or for other programs (JSON).

## What we hold

held-title = What we hold about you
held-text = All that we hold, by kind of data, with where it comes from.
held-all = All kinds of data
held-correct = Something is wrong: ask for a correction
held-why = Why we may use it
held-elsewhere-title = Seen only by those who need it
held-elsewhere-text = We may also hold data of these kinds. Only the purposes that need it may look at it. You get it with a request for access.
held-nothing-title = Of these kinds we hold nothing
held-nothing-text = Our privacy notice names them, and there is nothing of them about you.
held-count = { $records ->
    [one] { $records } record.
   *[other] { $records } records.
}
held-source = Usual source:
held-withheld = { $records ->
    [one] { $records } record is past its time: we may not look at it any more, and remove it.
   *[other] { $records } records are past their time: we may not look at them any more, and remove them.
}
held-more = { $more ->
    [one] Show { $more } older record
   *[other] Show { $more } older records
}
held-in-copy = { $more ->
    [one] { $more } older record is in the file that you can take along.
   *[other] { $more } older records are in the file that you can take along.
}
record-for = Collected for:
standing-title = You and your company
standing-country = Country
standing-law = The law that covers you
standing-active = Last activity
standing-ended = End of the relation
standing-archived = You have not been active for long. Your data is in the archive, and hardly anybody may look at it.
standing-sole-trader = Your company is you: what concerns it is treated as your personal data.
standing-restricted = The use of your data, or of a part of it, is restricted.

## What we use it for

purposes-title = What we use your data for
purposes-text = These are the purposes of our privacy notice. What you say here acts at once; where a person has to decide, we say so.
purpose-details = Ground, data and how long
purpose-why = On what ground
purpose-which = Which data, and until when
purpose-recipients = Who may receive it outside our company
purpose-sees = This purpose uses your data now.
purpose-aliases = This purpose uses your data now, under an alias: who works for it does not learn who you are.
purpose-counts = This purpose counts you in figures now, and never sees a single person.
purpose-partly = Stopped: { $stopped }. Your data is used now only for: { $going }.
purpose-sees-nothing = This purpose uses none of your data now.
use-not-now = Not now:
seen-nothing-held = we hold nothing of it
seen-open = as long as the matter is open
seen-until = until { $day }
seen-while = while you are in touch with us
basis-consent = your consent
basis-contract = a contract with you
basis-legal-obligation = a law that obliges us
basis-vital-interests = protecting somebody's life or health
basis-legitimate-interest = our legitimate interest

reason-unknown = Our privacy notice does not know it.
reason-role-lacks-purpose = Nobody works for it.
reason-not-in-notice = Our privacy notice does not list it.
reason-operation-not-allowed = Our privacy notice does not allow it.
reason-not-for-this-use = Not for this use.
reason-only-in-aggregate = Only as figures.
reason-erased = Your data was erased.
reason-held-elsewhere = Your data is held in another region.
reason-archived = Your data is in the archive.
reason-restricted = The use of your data is restricted.
reason-objected = You objected.
reason-objection-being-weighed = You objected, and a person is deciding on it.
reason-no-consent = You have not consented.
reason-channel-not-opened = You have not agreed to be reached in this way.
reason-past-window = Its time is over.

objecting-marketing = You can object without giving a reason. All direct marketing then stops at once, under every purpose.
objecting-at-once = You can object without giving a reason. It takes effect at once.
objecting-weighed = You can object for reasons of your own. This purpose then rests at once, until a person has decided.
objecting-being-weighed = You objected. This purpose rests until a person has decided.
objecting-stands = You objected, and your objection stands.
objecting-no = You cannot object to this purpose: the law obliges us, or an objection would defeat it.
object = Object
object-withdraw = Take my objection back
consenting-missing = Without your consent nothing of this happens.
consenting-given = You consented. You can withdraw it at any time, for the future.
consent = I consent
consent-withdraw = Withdraw my consent
profiling-title = Interests and categories
profiling-text = We may work out what you seem to be interested in, and sort contacts into categories. You can object to that at any time, without giving a reason.
profiling-objected = You objected. We work out no interests and no categories for you.
profiling-object = Object to interests and categories
profiling-withdraw = Take this objection back

said-title = Done
said-done = It acts from now on.
meaning-already-so = This was so before.
meaning-no-objection = There was no objection to take back.
meaning-no-consent = There was no consent to withdraw.
meaning-not-restricted = There was no such restriction.
meaning-stops = This purpose does not use your data from now on.
meaning-use-stops = This record is not used for it from now on.
meaning-marketing-stops = Direct marketing to you stops from now on, under every purpose.
meaning-profiling-stops = We work out no interests and no categories for you from now on.
meaning-being-weighed = This purpose rests from now on, until a person has decided on your objection. We let you know.
meaning-goes-on = This purpose goes on.
meaning-objection-stands = Another objection of yours still stands in the way. Take it back first, if you want to.
meaning-on-other-ground = This purpose does not rest on your consent, so that it goes on with or without it. What may stop it is an objection.
meaning-while-restricted = This purpose goes on even so: for claims, duties or the protection of others.
meaning-still-restricted = Another restriction still stands.
meaning-channel-open = We may use this way for direct marketing.
meaning-channel-shut = We do not use this way for direct marketing.

## Who used it

used-title = Who used your data
used-text = Every look at your data and every change of it, the newest first. You see the purpose and the role of who it was, not the name: that protects our colleagues, as the rest protects you.
used-newest = Back to the newest
used-none = Nothing in this part of the records.
used-older = Look further back
used-count = { $records ->
    [one] ({ $records } record)
   *[other] ({ $records } records)
}
used-kinds = { $kinds ->
    [one] { $kinds } kind of data
   *[other] { $kinds } kinds of data
}
used-in-list = (in a list with others)
used-yours = { $acts ->
    [one] you yourself, once
   *[other] you yourself, { $acts } times
}
used-who = Who
used-purpose = For what
used-data = Which data
used-you = You
used-system = No person: our systems by themselves
used-no-role = Somebody who has no role for this purpose any more
act-looked = Looked at
act-asked = Asked whether it may be looked at
act-added = Added
act-changed = Changed
act-derived = Worked out from other data
act-disclosed = Given to a recipient
act-removed = Removed
act-erased = Erased
act-said = Wrote down what you said
act-requested = Opened a request
act-link-asked = A link to these pages was asked for
act-entered = Came to these pages
act-left = Left these pages

## Categories

categories-title = Your categories
categories-text = So that news reaches those for whom it is meant, contacts are sorted into categories, by the published rules below.
categories-none = You are in no category.
categories-never = We sort nobody into categories, and work out no interests.
categories-by-rule = You are in it since { $day }, because the published rule holds.
categories-by-person = A person put you into it on { $day }.
categories-kept-out = A person keeps you out of it since { $day }.
categories-reason = Reason:
interests-title = Your interests
interests-text = Worked out from your reactions to what we sent. Each reaction weighs what the notice says, and after { $days } days half of that.
interests-score = { $score }, last reaction on { $day }
categories-review = Ask a person to look at this
categories-all = The categories that there are

## Requests

requests-title = Your requests
requests-text = What needs a person, you ask for here. To object and to consent you need no request: that acts at once, under “What we use it for”.
requests-opened = Your request is with us. It is below, with the day by which we answer.
requests-none-taken = Requests cannot be made here. Please write to us at the address below.
requests-yours = What you asked for
requests-none = You have not asked for anything.
requests-all = All requests
request-title = A request
request-access = Find out everything
request-access-text = You see what we hold on these pages, at once. Ask here if you want to know more, such as what only some purposes may look at.
request-rectification = Have something corrected
request-rectification-text = Tell us what is wrong or missing, and what it should be.
request-erasure = Be erased
request-erasure-text = We erase what we hold about you, except what a law obliges us to keep, and tell you what that is. This cannot be undone.
request-restriction = Have the use restricted
request-restriction-text = We keep your data and stop using it, for example until it is clear whether it is right.
request-portability = Take data to somebody else
request-portability-text = You can take your data along at once as a file. Ask here if we are to send it to another company.
request-human-review = Have a person look at it
request-human-review-text = A person looks at your interests and categories, and changes them where they are wrong.
request-days = { $days ->
    [one] We answer within { $days } day.
   *[other] We answer within { $days } days.
}
request-words = What you want to tell us
request-words-hint = You may leave this empty. At most { $most } characters.
request-send = Send the request
request-field = What is wrong?
request-field-choose = Please choose
request-value = What should it be?
request-value-hint = Leave this empty if it is to be removed.
request-faults = Please check the following:
request-too-many = You have as many open requests as one can have. Please wait until one is answered.
request-fault-field = Choose what is wrong.
request-fault-value = This cannot be the value of what you chose. Please check how it is written.
request-fault-words = This text is too long, or has characters that cannot be stored.
request-state = State
request-received = Received
request-due = We answer by
request-answered = Answered
request-outcome = Result
request-refused = Why not
request-your-words = Your words

## Choices

preferences-title = Your choices
preferences-saved = Your choices are saved.
preferences-text = What you choose here acts at once.
preferences-none = There is nothing to choose here.
preferences-save = Save my choices
preferences-open = No choice
channels-title = How we may reach you with news and offers
channels-text = This is about direct marketing only. On orders, deliveries and the like we write to you as before.
channels-objected = You objected to direct marketing, so that we use none of these ways for it.
channel-email = E-mail
channel-phone = Telephone
channel-post = Letters
channel-is-open = We may use this way.
channel-is-shut = We do not use this way.
channel-open = Yes, use it
channel-close = No, do not use it
channel-reopen = You may ask me again
