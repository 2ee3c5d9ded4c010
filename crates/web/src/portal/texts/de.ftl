# Die Texte des Portals auf Deutsch. Jeder Schlüssel steht in jeder Sprache.

## Der Rahmen

skip = Zum Inhalt springen
nav = Ihre Daten
nav-overview = Überblick
nav-held = Was wir gespeichert haben
nav-purposes = Wofür wir es verwenden
nav-used = Wer es verwendet hat
nav-categories = Ihre Kategorien
nav-requests = Ihre Anträge
nav-preferences = Ihre Einstellungen
leave = Abmelden
leave-text = Mit einem neuen Link können Sie jederzeit wiederkommen.
languages = Sprache
footer = Verantwortlich für diese Seiten: { $controller }. Fragen?
yes = Ja
no = Nein
list-comma = ,{" "}

## Tage und Uhrzeiten

date = { $day }. { $month } { $year }
moment = { $date }, { $time } Uhr UTC
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember

## Was schiefgeht

fault-title = Das hat nicht geklappt
fault-back = Zurück zur ersten Seite
fault-not-found = Diese Seite gibt es nicht.
fault-form = Dieses Formular wurde nicht auf einer unserer Seiten ausgefüllt, oder die Seite war zu lange geöffnet. Bitte öffnen Sie die Seite erneut und wiederholen Sie die Eingabe. Falls das wieder geschieht, erlauben Sie bitte Cookies für diese Website.
fault-too-large = Ihre Eingabe ist zu lang. Bitte kürzen Sie sie.
fault-too-slow = Ihre Eingabe kam nicht rechtzeitig an. Bitte versuchen Sie es noch einmal.
fault-too-often = Sie haben es zu oft versucht. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.
fault-not-offered = Das ist hier nicht möglich. Bitte schreiben Sie uns an die unten genannte Adresse.
fault-refused = Unsere Datenschutzerklärung lässt das nicht zu.
fault-changed = Inzwischen hat sich etwas geändert. Bitte sehen Sie noch einmal nach und wiederholen Sie es.
fault-invalid = Etwas an Ihrer Eingabe passt nicht. Bitte gehen Sie zurück und prüfen Sie sie.
fault-failed = Bei uns ist ein Fehler aufgetreten; geändert wurde nichts. Bitte versuchen Sie es später noch einmal.

## Anmelden

sign-in-title = Sehen Sie, was wir über Sie gespeichert haben
sign-in-text = Geben Sie die E-Mail-Adresse ein, unter der Sie mit uns zu tun haben. Wir schicken Ihnen einen Link, mit dem Sie Ihre Daten einsehen, Ihre Wünsche äußern und Anträge stellen können.
sign-in-email = Ihre E-Mail-Adresse
sign-in-hint = Die Adresse, an die wir Ihnen schreiben, meist Ihre geschäftliche.
sign-in-fault = Das ist keine E-Mail-Adresse. Bitte schreiben Sie sie wie name@firma.example.
sign-in-button = Link zuschicken
sign-in-no-post = Im Augenblick können keine Links verschickt werden. Bitte schreiben Sie uns an die unten genannte Adresse.
sent-title = Sehen Sie in Ihr Postfach
sent-text = { $minutes ->
    [one] Wenn wir diese Adresse kennen, ist eine E-Mail mit einem Link dorthin unterwegs. Der Link gilt einmal, { $minutes } Minute lang.
   *[other] Wenn wir diese Adresse kennen, ist eine E-Mail mit einem Link dorthin unterwegs. Der Link gilt einmal, { $minutes } Minuten lang.
}
sent-same-browser = Bitte öffnen Sie ihn auf diesem Gerät, in diesem Browser.
sent-nothing = Nach einigen Minuten noch nichts da? Vielleicht kennen wir Sie unter einer anderen Adresse, oder mehrere Personen teilen sich diese. Dann schreiben Sie uns bitte an die unten genannte Adresse.
sent-caught = Dies ist eine Demo: die abgefangene E-Mail ansehen
sent-again = Neuen Link anfordern
enter-title = Ihr Link
enter-text = Noch ein Schritt, damit kein Programm Ihren Link verbraucht.
enter-button = Meine Daten zeigen
enter-elsewhere = Dieser Link gilt nur in dem Browser, in dem Sie ihn angefordert haben. Bitte öffnen Sie ihn dort, oder fordern Sie hier einen neuen an.
enter-not-good = Dieser Link gilt nicht. Ein Link gilt einmal, { $minutes ->
    [one] { $minutes } Minute lang
   *[other] { $minutes } Minuten lang
}, und nur in dem Browser, in dem Sie ihn angefordert haben.

## Die E-Mail

mail-subject = Ihr Link zu Ihren Daten bei { $controller }
mail-text =
    Guten Tag,

    mit diesem Link sehen Sie, was { $controller } über Sie gespeichert hat und wofür es verwendet wird:

    { $url }

    Er gilt einmal, { $minutes ->
        [one] { $minutes } Minute lang
       *[other] { $minutes } Minuten lang
    }, in dem Browser, in dem Sie ihn angefordert haben.

    Sie haben ihn nicht angefordert? Dann brauchen Sie nichts zu tun: Ohne diese E-Mail sieht niemand Ihre Daten.

    { $controller }
    { $email }
caught-title = Abgefangene E-Mails
caught-text = Dies ist eine Demo. Keine E-Mail verlässt sie; hier werden sie gezeigt, die neuesten zuerst.
caught-none = Noch keine.

## Die erste Seite

overview-title = Ihre Daten bei uns
overview-text = Hier sehen Sie, was { $controller } über Sie als Vertreterin oder Vertreter Ihres Unternehmens gespeichert hat, warum, wie lange, und wer es verwendet hat. Sie können sagen, was Sie nicht möchten, und Anträge stellen.
overview-held = { $records ->
    [0] Wir haben nichts über Sie gespeichert.
    [one] { $records } Eintrag
   *[other] { $records } Einträge
}{ $kinds ->
    [0] {""}
    [one] {" "}in einer Datenart.
   *[other] {" "}in { $kinds } Datenarten.
}
overview-purposes = { $uses ->
    [0] Keiner unserer { $all } Zwecke verwendet derzeit Ihre Daten.
    [one] Einer unserer { $all } Zwecke verwendet derzeit Ihre Daten.
   *[other] { $uses } unserer { $all } Zwecke verwenden derzeit Ihre Daten.
}
overview-used = Jeder Blick auf Ihre Daten: wann, wofür und in welcher Funktion.
overview-categories = Die Kategorien von Kontakten, zu denen Sie gehören.
overview-requests = { $open ->
    [0] Lassen Sie etwas berichtigen, einschränken oder löschen.
    [one] Einer Ihrer Anträge wartet auf unsere Antwort.
   *[other] { $open } Ihrer Anträge warten auf unsere Antwort.
}
overview-preferences = Themen, Häufigkeit, Ihre Sprache, und wie wir Sie erreichen dürfen.
copy-title = Daten mitnehmen
copy-text = Alles, was wir über Sie gespeichert haben, als Datei für Sie oder andere Programme (JSON).

## Was wir gespeichert haben

held-title = Was wir über Sie gespeichert haben
held-text = Alles, nach Art der Daten, mit seiner Herkunft.
held-all = Alle Datenarten
held-correct = Etwas stimmt nicht: Berichtigung beantragen
held-why = Warum wir es verwenden dürfen
held-elsewhere-title = Nur für die sichtbar, die es brauchen
held-elsewhere-text = Möglicherweise haben wir auch Daten dieser Arten. Nur die Zwecke, die sie brauchen, dürfen sie ansehen. Mit einem Antrag auf Auskunft bekommen Sie sie.
held-nothing-title = Von diesen Arten haben wir nichts
held-nothing-text = Unsere Datenschutzerklärung nennt sie; über Sie ist nichts davon gespeichert.
held-count = { $records ->
    [one] { $records } Eintrag.
   *[other] { $records } Einträge.
}
held-source = Übliche Herkunft:
held-withheld = { $records ->
    [one] { $records } Eintrag ist abgelaufen: Wir dürfen ihn nicht mehr ansehen und entfernen ihn.
   *[other] { $records } Einträge sind abgelaufen: Wir dürfen sie nicht mehr ansehen und entfernen sie.
}
held-more = { $more ->
    [one] { $more } älteren Eintrag zeigen
   *[other] { $more } ältere Einträge zeigen
}
held-in-copy = { $more ->
    [one] { $more } älterer Eintrag steht in der Datei, die Sie mitnehmen können.
   *[other] { $more } ältere Einträge stehen in der Datei, die Sie mitnehmen können.
}
record-for = Erhoben für:
standing-title = Sie und Ihr Unternehmen
standing-country = Land
standing-law = Das Recht, das für Sie gilt
standing-active = Letzter Kontakt
standing-ended = Ende der Beziehung
standing-archived = Wir hatten lange nicht miteinander zu tun. Ihre Daten sind im Archiv, und kaum jemand darf sie ansehen.
standing-sole-trader = Ihr Unternehmen sind Sie selbst: Was es betrifft, behandeln wir als Ihre personenbezogenen Daten.
standing-restricted = Die Verarbeitung Ihrer Daten oder eines Teils davon ist eingeschränkt.

## Wofür wir es verwenden

purposes-title = Wofür wir Ihre Daten verwenden
purposes-text = Das sind die Zwecke unserer Datenschutzerklärung. Was Sie hier sagen, wirkt sofort; wo ein Mensch entscheiden muss, sagen wir es.
purpose-details = Grundlage, Daten und Dauer
purpose-why = Auf welcher Grundlage
purpose-which = Welche Daten, und bis wann
purpose-recipients = Wer sie außerhalb unseres Unternehmens erhalten kann
purpose-sees = Dieser Zweck verwendet derzeit Ihre Daten.
purpose-aliases = Dieser Zweck verwendet derzeit Ihre Daten unter einem Decknamen: Wer dafür arbeitet, erfährt nicht, wer Sie sind.
purpose-counts = Dieser Zweck zählt Sie derzeit in Zahlen mit und sieht nie einzelne Personen.
purpose-partly = Eingestellt: { $stopped }. Ihre Daten werden jetzt nur noch hierfür verwendet: { $going }.
purpose-sees-nothing = Dieser Zweck verwendet derzeit keine Ihrer Daten.
use-not-now = Derzeit nicht:
seen-nothing-held = davon haben wir nichts
seen-open = solange die Sache offen ist
seen-until = bis { $day }
seen-while = solange Sie mit uns zu tun haben
basis-consent = Ihre Einwilligung
basis-contract = ein Vertrag mit Ihnen
basis-legal-obligation = ein Gesetz, das uns verpflichtet
basis-vital-interests = der Schutz von Leben oder Gesundheit
basis-legitimate-interest = unser berechtigtes Interesse

reason-unknown = Unsere Datenschutzerklärung kennt es nicht.
reason-role-lacks-purpose = Niemand arbeitet dafür.
reason-not-in-notice = Unsere Datenschutzerklärung führt es nicht auf.
reason-operation-not-allowed = Unsere Datenschutzerklärung erlaubt es nicht.
reason-not-for-this-use = Nicht für diese Verwendung.
reason-only-in-aggregate = Nur als Zahlen.
reason-erased = Ihre Daten wurden gelöscht.
reason-held-elsewhere = Ihre Daten liegen in einer anderen Region.
reason-archived = Ihre Daten sind im Archiv.
reason-restricted = Die Verarbeitung Ihrer Daten ist eingeschränkt.
reason-objected = Sie haben widersprochen.
reason-objection-being-weighed = Sie haben widersprochen, und ein Mensch entscheidet darüber.
reason-no-consent = Sie haben nicht eingewilligt.
reason-channel-not-opened = Sie haben diesem Weg nicht zugestimmt.
reason-past-window = Die Zeit dafür ist abgelaufen.

objecting-marketing = Sie können ohne Angabe von Gründen widersprechen. Dann endet sofort jede Direktwerbung, bei allen Zwecken.
objecting-at-once = Sie können ohne Angabe von Gründen widersprechen. Das wirkt sofort.
objecting-weighed = Sie können aus Gründen, die sich aus Ihrer Lage ergeben, widersprechen. Dieser Zweck ruht dann sofort, bis ein Mensch entschieden hat.
objecting-being-weighed = Sie haben widersprochen. Dieser Zweck ruht, bis ein Mensch entschieden hat.
objecting-stands = Sie haben widersprochen, und Ihr Widerspruch gilt.
objecting-no = Diesem Zweck können Sie nicht widersprechen: Ein Gesetz verpflichtet uns, oder ein Widerspruch würde ihn vereiteln.
object = Widersprechen
object-withdraw = Widerspruch zurücknehmen
consenting-missing = Ohne Ihre Einwilligung geschieht davon nichts.
consenting-given = Sie haben eingewilligt. Sie können die Einwilligung jederzeit für die Zukunft widerrufen.
consent = Ich willige ein
consent-withdraw = Einwilligung widerrufen
profiling-title = Interessen und Kategorien
profiling-text = Wir können ermitteln, was Sie zu interessieren scheint, und Kontakte in Kategorien einteilen. Dem können Sie jederzeit ohne Angabe von Gründen widersprechen.
profiling-objected = Sie haben widersprochen. Wir ermitteln für Sie weder Interessen noch Kategorien.
profiling-object = Interessen und Kategorien widersprechen
profiling-withdraw = Diesen Widerspruch zurücknehmen

said-title = Erledigt
said-done = Es gilt ab jetzt.
meaning-already-so = Das war schon so.
meaning-no-objection = Es gab keinen Widerspruch, der zurückzunehmen wäre.
meaning-no-consent = Es gab keine Einwilligung, die zu widerrufen wäre.
meaning-not-restricted = Eine solche Einschränkung gab es nicht.
meaning-stops = Dieser Zweck verwendet Ihre Daten ab jetzt nicht mehr.
meaning-use-stops = Dieser Eintrag wird ab jetzt nicht mehr dafür verwendet.
meaning-marketing-stops = Direktwerbung an Sie endet ab jetzt, bei allen Zwecken.
meaning-profiling-stops = Ab jetzt ermitteln wir für Sie weder Interessen noch Kategorien.
meaning-being-weighed = Dieser Zweck ruht ab jetzt, bis ein Mensch über Ihren Widerspruch entschieden hat. Wir geben Ihnen Bescheid.
meaning-goes-on = Dieser Zweck geht weiter.
meaning-objection-stands = Ein anderer Widerspruch von Ihnen steht noch entgegen. Nehmen Sie ihn zuerst zurück, wenn Sie möchten.
meaning-on-other-ground = Dieser Zweck beruht nicht auf Ihrer Einwilligung und geht deshalb mit ihr oder ohne sie weiter. Was ihn anhalten kann, ist ein Widerspruch.
meaning-while-restricted = Dieser Zweck geht trotzdem weiter: für Ansprüche, Pflichten oder den Schutz anderer.
meaning-still-restricted = Eine andere Einschränkung gilt noch.
meaning-channel-open = Wir dürfen diesen Weg für Direktwerbung nutzen.
meaning-channel-shut = Wir nutzen diesen Weg nicht für Direktwerbung.

## Wer es verwendet hat

used-title = Wer Ihre Daten verwendet hat
used-text = Jeder Blick auf Ihre Daten und jede Änderung, die neuesten zuerst. Sie sehen den Zweck und die Funktion, nicht den Namen: Das schützt unsere Beschäftigten, wie das Übrige Sie schützt.
used-newest = Zurück zu den neuesten
used-none = In diesem Teil der Aufzeichnungen ist nichts.
used-older = Weiter zurück
used-count = { $records ->
    [one] ({ $records } Eintrag)
   *[other] ({ $records } Einträge)
}
used-kinds = { $kinds ->
    [one] { $kinds } Datenart
   *[other] { $kinds } Datenarten
}
used-in-list = (in einer Liste mit anderen)
used-yours = { $acts ->
    [one] Sie selbst, einmal
   *[other] Sie selbst, { $acts }-mal
}
used-who = Wer
used-purpose = Wofür
used-data = Welche Daten
used-you = Sie
used-system = Niemand: unsere Systeme von selbst
used-no-role = Jemand, der für diesen Zweck keine Funktion mehr hat
act-looked = Angesehen
act-asked = Gefragt, ob es angesehen werden darf
act-added = Hinzugefügt
act-changed = Geändert
act-derived = Aus anderen Daten ermittelt
act-disclosed = An einen Empfänger gegeben
act-removed = Entfernt
act-erased = Gelöscht
act-said = Festgehalten, was Sie gesagt haben
act-requested = Einen Antrag gestellt
act-link-asked = Ein Link zu diesen Seiten wurde angefordert
act-entered = Auf diese Seiten gekommen
act-left = Diese Seiten verlassen

## Kategorien

categories-title = Ihre Kategorien
categories-text = Damit Neuigkeiten die erreichen, für die sie gedacht sind, werden Kontakte nach den unten veröffentlichten Regeln in Kategorien eingeteilt.
categories-none = Sie gehören zu keiner Kategorie.
categories-never = Wir teilen niemanden in Kategorien ein und ermitteln keine Interessen.
categories-by-rule = Sie gehören seit dem { $day } dazu, weil die veröffentlichte Regel erfüllt ist.
categories-by-person = Ein Mensch hat Sie am { $day } hier eingeordnet.
categories-kept-out = Ein Mensch hat Sie seit dem { $day } davon ausgenommen.
categories-reason = Grund:
interests-title = Ihre Interessen
interests-text = Ermittelt aus Ihren Reaktionen auf unsere Nachrichten. Jede Reaktion wiegt, was in den Hinweisen steht, und nach { $days } Tagen die Hälfte davon.
interests-score = { $score }, letzte Reaktion am { $day }
categories-review = Einen Menschen darauf schauen lassen
categories-all = Die Kategorien, die es gibt

## Anträge

requests-title = Ihre Anträge
requests-text = Hier beantragen Sie, wofür es einen Menschen braucht. Für Widerspruch und Einwilligung brauchen Sie keinen Antrag: Das wirkt sofort, unter „Wofür wir es verwenden“.
requests-opened = Ihr Antrag ist bei uns. Er steht unten, mit dem Tag, bis zu dem wir antworten.
requests-none-taken = Anträge können hier nicht gestellt werden. Bitte schreiben Sie uns an die unten genannte Adresse.
requests-yours = Was Sie beantragt haben
requests-none = Sie haben nichts beantragt.
requests-all = Alle Anträge
request-title = Ein Antrag
request-access = Alles erfahren
request-access-text = Was wir gespeichert haben, sehen Sie auf diesen Seiten sofort. Fragen Sie hier, wenn Sie mehr wissen möchten, etwa über das, was nur einige Zwecke ansehen dürfen.
request-rectification = Etwas berichtigen lassen
request-rectification-text = Sagen Sie uns, was falsch ist oder fehlt, und wie es richtig lautet.
request-erasure = Gelöscht werden
request-erasure-text = Wir löschen, was wir über Sie gespeichert haben, außer dem, was ein Gesetz uns aufzubewahren verpflichtet, und sagen Ihnen, was das ist. Das lässt sich nicht rückgängig machen.
request-restriction = Die Verarbeitung einschränken lassen
request-restriction-text = Wir bewahren Ihre Daten auf und verwenden sie nicht mehr, zum Beispiel bis geklärt ist, ob sie stimmen.
request-portability = Daten zu jemand anderem mitnehmen
request-portability-text = Ihre Daten können Sie sofort als Datei mitnehmen. Stellen Sie hier einen Antrag, wenn wir sie an ein anderes Unternehmen senden sollen.
request-human-review = Von einem Menschen prüfen lassen
request-human-review-text = Ein Mensch sieht sich Ihre Interessen und Kategorien an und ändert sie, wo sie nicht stimmen.
request-days = { $days ->
    [one] Wir antworten innerhalb von { $days } Tag.
   *[other] Wir antworten innerhalb von { $days } Tagen.
}
request-words = Was Sie uns sagen möchten
request-words-hint = Sie können das leer lassen. Höchstens { $most } Zeichen.
request-send = Antrag absenden
request-field = Was stimmt nicht?
request-field-choose = Bitte wählen
request-value = Wie lautet es richtig?
request-value-hint = Lassen Sie das leer, wenn die Angabe entfernt werden soll.
request-faults = Bitte prüfen Sie Folgendes:
request-too-many = Sie haben so viele offene Anträge, wie möglich sind. Bitte warten Sie, bis einer beantwortet ist.
request-fault-field = Wählen Sie, was nicht stimmt.
request-fault-value = Das kann der Wert dessen, was Sie gewählt haben, nicht sein. Bitte prüfen Sie die Schreibweise.
request-fault-words = Dieser Text ist zu lang oder enthält Zeichen, die nicht gespeichert werden können.
request-state = Stand
request-received = Eingegangen
request-due = Wir antworten bis
request-answered = Beantwortet
request-outcome = Ergebnis
request-refused = Warum nicht
request-your-words = Ihre Worte

## Einstellungen

preferences-title = Ihre Einstellungen
preferences-saved = Ihre Einstellungen sind gespeichert.
preferences-text = Was Sie hier wählen, wirkt sofort.
preferences-none = Hier gibt es nichts zu wählen.
preferences-save = Einstellungen speichern
preferences-open = Keine Angabe
channels-title = Wie wir Sie mit Neuigkeiten und Angeboten erreichen dürfen
channels-text = Hier geht es nur um Direktwerbung. Zu Bestellungen, Lieferungen und Ähnlichem schreiben wir Ihnen wie bisher.
channels-objected = Sie haben der Direktwerbung widersprochen; deshalb nutzen wir dafür keinen dieser Wege.
channel-email = E-Mail
channel-phone = Telefon
channel-post = Briefe
channel-is-open = Wir dürfen diesen Weg nutzen.
channel-is-shut = Wir nutzen diesen Weg nicht.
channel-open = Ja, nutzen Sie ihn
channel-close = Nein, nicht nutzen
channel-reopen = Sie dürfen mich wieder fragen
