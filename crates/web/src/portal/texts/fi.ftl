# Portaalin tekstit suomeksi. Jokainen avain on jokaisessa kielessä.

## Kehys

skip = Siirry sisältöön
nav = Tietosi
nav-overview = Yleiskuva
nav-held = Mitä tietoja meillä on
nav-purposes = Mihin niitä käytetään
nav-used = Kuka niitä on käyttänyt
nav-categories = Ryhmäsi
nav-requests = Pyyntösi
nav-preferences = Valintasi
leave = Kirjaudu ulos
leave-text = Voit palata milloin tahansa uudella linkillä.
languages = Kieli
footer = Näistä sivuista vastaa { $controller }. Kysyttävää?
yes = Kyllä
no = Ei
list-comma = ,{" "}

## Päivät ja kellonajat

date = { $day }. { $month } { $year }
moment = { $date } klo { $time } UTC
month-1 = tammikuuta
month-2 = helmikuuta
month-3 = maaliskuuta
month-4 = huhtikuuta
month-5 = toukokuuta
month-6 = kesäkuuta
month-7 = heinäkuuta
month-8 = elokuuta
month-9 = syyskuuta
month-10 = lokakuuta
month-11 = marraskuuta
month-12 = joulukuuta

## Kun jokin ei onnistu

fault-title = Se ei onnistunut
fault-back = Takaisin etusivulle
fault-not-found = Tällaista sivua ei ole.
fault-form = Lomaketta ei ole täytetty meidän sivullamme, tai sivu on ollut auki liian kauan. Avaa sivu uudelleen ja toista, mitä teit. Jos tämä toistuu, salli evästeet tälle sivustolle.
fault-too-large = Lähetit liian pitkän tekstin. Lyhennä sitä.
fault-too-slow = Lähettämäsi ei tullut ajoissa perille. Yritä uudelleen.
fault-too-often = Olet yrittänyt liian monta kertaa. Odota hetki ja yritä sitten uudelleen.
fault-not-offered = Tätä ei voi tehdä täällä. Kirjoita meille alla olevaan osoitteeseen.
fault-refused = Tietosuojaselosteemme ei salli tätä.
fault-changed = Jokin on muuttunut sillä välin. Tarkista tilanne ja yritä uudelleen.
fault-invalid = Jokin lähettämässäsi ei kelpaa. Palaa takaisin ja tarkista se.
fault-failed = Meillä tapahtui virhe, eikä mitään muutettu. Yritä hetken kuluttua uudelleen.

## Kirjautuminen

sign-in-title = Katso, mitä tietoja meillä on sinusta
sign-in-text = Anna sähköpostiosoite, jolla asioit kanssamme. Lähetämme sinulle linkin, jolla näet tietosi, voit kertoa toiveesi ja tehdä pyyntöjä.
sign-in-email = Sähköpostiosoitteesi
sign-in-hint = Se, johon kirjoitamme sinulle, yleensä työosoitteesi.
sign-in-fault = Tämä ei ole sähköpostiosoite. Kirjoita se muodossa nimi@yritys.example.
sign-in-button = Lähetä minulle linkki
sign-in-no-post = Linkkejä ei juuri nyt voi lähettää. Kirjoita meille alla olevaan osoitteeseen.
sent-title = Katso sähköpostisi
sent-text = { $minutes ->
    [one] Jos tunnemme tämän osoitteen, siihen on tulossa viesti, jossa on linkki. Linkki toimii kerran { $minutes } minuutin ajan.
   *[other] Jos tunnemme tämän osoitteen, siihen on tulossa viesti, jossa on linkki. Linkki toimii kerran { $minutes } minuutin ajan.
}
sent-same-browser = Avaa se tällä laitteella ja tässä selaimessa.
sent-nothing = Eikö viestiä näy muutaman minuutin kuluttua? Ehkä tunnemme sinut toisella osoitteella, tai osoite on usean henkilön yhteinen. Kirjoita silloin meille alla olevaan osoitteeseen.
sent-caught = Tämä on demo: katso talteen otettu viesti
sent-again = Pyydä uusi linkki
enter-title = Linkkisi
enter-text = Vielä yksi askel, jotta mikään ohjelma ei käytä linkkiäsi.
enter-button = Näytä tietoni
enter-elsewhere = Tämä linkki toimii vain siinä selaimessa, jossa pyysit sen. Avaa se siellä tai pyydä tässä uusi.
enter-not-good = Tämä linkki ei toimi. Se toimii kerran { $minutes ->
    [one] { $minutes } minuutin ajan
   *[other] { $minutes } minuutin ajan
} ja vain siinä selaimessa, jossa pyysit sen.

## Viesti

mail-subject = Linkki tietoihisi: { $controller }
mail-text =
    Hei,

    tällä linkillä näet, mitä tietoja sinusta on ja mihin niitä käytetään ({ $controller }):

    { $url }

    Se toimii kerran { $minutes ->
        [one] { $minutes } minuutin ajan
       *[other] { $minutes } minuutin ajan
    } siinä selaimessa, jossa pyysit sen.

    Etkö pyytänyt linkkiä? Sinun ei tarvitse tehdä mitään: kukaan ei näe tietojasi ilman tätä viestiä.

    { $controller }
    { $email }
caught-title = Talteen otetut viestit
caught-text = Tämä on demo. Siitä ei lähde viestejä; ne näytetään tässä, uusimmat ensin.
caught-none = Viestejä ei ole vielä.

## Etusivu

overview-title = Tietosi meillä
overview-text = Täällä näet, mitä tietoja sinusta on yrityksesi edustajana ({ $controller }), miksi, kuinka kauan ja kuka niitä on käyttänyt. Voit kertoa, mitä et halua, ja tehdä pyyntöjä.
overview-held = { $records ->
    [0] Meillä ei ole sinusta tietoja.
    [one] { $records } merkintä
   *[other] { $records } merkintää
}{ $kinds ->
    [0] {""}
    [one] , yksi tietolaji.
   *[other] , { $kinds } tietolajia.
}
overview-purposes = { $uses ->
    [0] Mikään { $all } käyttötarkoituksestamme ei nyt käytä tietojasi.
    [one] Yksi { $all } käyttötarkoituksestamme käyttää nyt tietojasi.
   *[other] { $uses } kaikkiaan { $all } käyttötarkoituksestamme käyttää nyt tietojasi.
}
overview-used = Jokainen tietojesi katselu: milloin, mihin ja missä tehtävässä.
overview-categories = Yhteyshenkilöiden ryhmät, joihin kuulut.
overview-requests = { $open ->
    [0] Pyydä meitä oikaisemaan, rajoittamaan tai poistamaan jotakin.
    [one] Yksi pyynnöistäsi odottaa vastaustamme.
   *[other] { $open } pyyntöäsi odottaa vastaustamme.
}
overview-preferences = Aiheet, kuinka usein, kielesi ja miten saamme ottaa yhteyttä.
copy-title = Ota tietosi mukaan
copy-text = Kaikki, mitä meillä on sinusta, tiedostona sinulle tai muille ohjelmille (JSON).

## Mitä tietoja meillä on

held-title = Mitä tietoja meillä on sinusta
held-text = Kaikki tiedot tietolajeittain ja mistä ne ovat peräisin.
held-all = Kaikki tietolajit
held-correct = Jokin on väärin: pyydä oikaisua
held-why = Miksi saamme käyttää niitä
held-elsewhere-title = Vain niitä tarvitsevien nähtävissä
held-elsewhere-text = Meillä voi olla myös näiden lajien tietoja. Niitä saavat katsoa vain tarkoitukset, jotka niitä tarvitsevat. Saat ne tietopyynnöllä.
held-nothing-title = Näitä tietoja meillä ei ole
held-nothing-text = Tietosuojaselosteemme mainitsee ne, mutta sinusta niitä ei ole.
held-count = { $records ->
    [one] { $records } merkintä.
   *[other] { $records } merkintää.
}
held-source = Tavallinen lähde:
held-withheld = { $records ->
    [one] { $records } merkinnän aika on päättynyt: emme saa enää katsoa sitä, ja poistamme sen.
   *[other] { $records } merkinnän aika on päättynyt: emme saa enää katsoa niitä, ja poistamme ne.
}
held-more = { $more ->
    [one] Näytä { $more } vanhempi merkintä
   *[other] Näytä { $more } vanhempaa merkintää
}
held-in-copy = { $more ->
    [one] { $more } vanhempi merkintä on tiedostossa, jonka voit ottaa mukaan.
   *[other] { $more } vanhempaa merkintää on tiedostossa, jonka voit ottaa mukaan.
}
record-for = Kerätty tarkoitukseen:
standing-title = Sinä ja yrityksesi
standing-country = Maa
standing-law = Laki, joka koskee sinua
standing-active = Viimeisin asiointi
standing-ended = Suhde päättyi
standing-archived = Et ole asioinut kanssamme pitkään aikaan. Tietosi ovat arkistossa, eikä niitä saa katsoa juuri kukaan.
standing-sole-trader = Yrityksesi olet sinä: sitä koskevia tietoja käsitellään henkilötietoinasi.
standing-restricted = Tietojesi tai niiden osan käyttöä on rajoitettu.

## Mihin niitä käytetään

purposes-title = Mihin tietojasi käytetään
purposes-text = Nämä ovat tietosuojaselosteemme käyttötarkoitukset. Se, mitä sanot täällä, vaikuttaa heti; jos päätöksen tekee ihminen, sanomme sen.
purpose-details = Peruste, tiedot ja kuinka kauan
purpose-why = Millä perusteella
purpose-which = Mitä tietoja ja mihin asti
purpose-recipients = Kuka voi saada niitä yrityksemme ulkopuolella
purpose-sees = Tämä tarkoitus käyttää nyt tietojasi.
purpose-aliases = Tämä tarkoitus käyttää nyt tietojasi peitenimellä: sen parissa työskentelevät eivät saa tietää, kuka olet.
purpose-counts = Tämä tarkoitus laskee sinut nyt mukaan lukuihin eikä näe koskaan yksittäistä ihmistä.
purpose-partly = Lopetettu: { $stopped }. Tietojasi käytetään nyt enää tähän: { $going }.
purpose-sees-nothing = Tämä tarkoitus ei nyt käytä mitään tietojasi.
use-not-now = Ei nyt:
seen-nothing-held = meillä ei ole niitä
seen-open = niin kauan kuin asia on kesken
seen-until = { $day } asti
seen-while = niin kauan kuin asioit kanssamme
basis-consent = suostumuksesi
basis-contract = sopimus kanssasi
basis-legal-obligation = laki, joka velvoittaa meitä
basis-vital-interests = jonkun hengen tai terveyden suojaaminen
basis-legitimate-interest = oikeutettu etumme

reason-unknown = Tietosuojaselosteemme ei tunne sitä.
reason-role-lacks-purpose = Kukaan ei työskentele sen parissa.
reason-not-in-notice = Tietosuojaselosteemme ei mainitse sitä.
reason-operation-not-allowed = Tietosuojaselosteemme ei salli sitä.
reason-not-for-this-use = Ei tähän käyttöön.
reason-only-in-aggregate = Vain lukuina.
reason-erased = Tietosi on poistettu.
reason-held-elsewhere = Tietosi ovat toisella alueella.
reason-archived = Tietosi ovat arkistossa.
reason-restricted = Tietojesi käyttöä on rajoitettu.
reason-objected = Olet vastustanut sitä.
reason-objection-being-weighed = Olet vastustanut sitä, ja ihminen tekee asiasta päätöksen.
reason-no-consent = Et ole antanut suostumustasi.
reason-channel-not-opened = Et ole suostunut yhteydenottoihin tällä tavalla.
reason-past-window = Aika on päättynyt.

objecting-marketing = Voit vastustaa tätä perustelematta. Kaikki suoramarkkinointi loppuu silloin heti, jokaisessa tarkoituksessa.
objecting-at-once = Voit vastustaa tätä perustelematta. Se vaikuttaa heti.
objecting-weighed = Voit vastustaa tätä omasta tilanteestasi johtuvasta syystä. Tarkoitus keskeytyy silloin heti, kunnes ihminen on tehnyt päätöksen.
objecting-being-weighed = Olet vastustanut tätä. Tarkoitus on keskeytetty, kunnes ihminen on tehnyt päätöksen.
objecting-stands = Olet vastustanut tätä, ja vastustuksesi on voimassa.
objecting-no = Tätä tarkoitusta ei voi vastustaa: laki velvoittaa meitä, tai vastustaminen tekisi sen tyhjäksi.
object = Vastusta
object-withdraw = Peru vastustukseni
consenting-missing = Ilman suostumustasi mitään tästä ei tehdä.
consenting-given = Olet antanut suostumuksesi. Voit perua sen milloin tahansa tästä eteenpäin.
consent = Annan suostumukseni
consent-withdraw = Peru suostumukseni
profiling-title = Kiinnostuksen kohteet ja ryhmät
profiling-text = Saatamme päätellä, mikä sinua näyttää kiinnostavan, ja jakaa yhteyshenkilöitä ryhmiin. Voit vastustaa sitä milloin tahansa perustelematta.
profiling-objected = Olet vastustanut sitä. Emme päättele sinulle kiinnostuksen kohteita emmekä ryhmiä.
profiling-object = Vastusta kiinnostusten ja ryhmien päättelyä
profiling-withdraw = Peru tämä vastustus

said-title = Valmis
said-done = Se vaikuttaa tästä lähtien.
meaning-already-so = Näin oli jo ennestään.
meaning-no-objection = Peruttavaa vastustusta ei ollut.
meaning-no-consent = Peruttavaa suostumusta ei ollut.
meaning-not-restricted = Tällaista rajoitusta ei ollut.
meaning-stops = Tämä tarkoitus ei käytä tietojasi tästä lähtien.
meaning-use-stops = Tätä merkintää ei käytetä siihen tästä lähtien.
meaning-marketing-stops = Suoramarkkinointi sinulle loppuu tästä lähtien, jokaisessa tarkoituksessa.
meaning-profiling-stops = Emme päättele sinulle kiinnostuksen kohteita emmekä ryhmiä tästä lähtien.
meaning-being-weighed = Tämä tarkoitus on tästä lähtien keskeytetty, kunnes ihminen on tehnyt päätöksen vastustuksestasi. Ilmoitamme sinulle.
meaning-goes-on = Tämä tarkoitus jatkuu.
meaning-objection-stands = Toinen vastustuksesi on vielä esteenä. Peru ensin se, jos haluat.
meaning-on-other-ground = Tämä tarkoitus ei perustu suostumukseesi, joten se jatkuu suostumuksesta riippumatta. Sen voi pysäyttää vastustaminen.
meaning-while-restricted = Tämä tarkoitus jatkuu silti: vaateiden, velvollisuuksien tai muiden suojaamisen vuoksi.
meaning-still-restricted = Toinen rajoitus on vielä voimassa.
meaning-channel-open = Saamme käyttää tätä tapaa suoramarkkinointiin.
meaning-channel-shut = Emme käytä tätä tapaa suoramarkkinointiin.

## Kuka niitä on käyttänyt

used-title = Kuka on käyttänyt tietojasi
used-text = Jokainen tietojesi katselu ja muutos, uusimmat ensin. Näet tarkoituksen ja tehtävän, et nimeä: se suojaa työtovereitamme niin kuin muu suojaa sinua.
used-newest = Takaisin uusimpiin
used-none = Tässä osassa lokia ei ole mitään.
used-older = Katso kauemmas taaksepäin
used-count = { $records ->
    [one] ({ $records } merkintä)
   *[other] ({ $records } merkintää)
}
used-kinds = { $kinds ->
    [one] { $kinds } tietolaji
   *[other] { $kinds } tietolajia
}
used-in-list = (luettelossa muiden kanssa)
used-yours = { $acts ->
    [one] sinä itse, kerran
   *[other] sinä itse, { $acts } kertaa
}
used-who = Kuka
used-purpose = Mihin
used-data = Mitä tietoja
used-you = Sinä
used-system = Ei kukaan: järjestelmämme itse
used-no-role = Joku, jolla ei enää ole tehtävää tässä tarkoituksessa
act-looked = Katsottu
act-asked = Kysytty, saako katsoa
act-added = Lisätty
act-changed = Muutettu
act-derived = Päätelty muista tiedoista
act-disclosed = Annettu vastaanottajalle
act-removed = Poistettu
act-erased = Poistettu kokonaan
act-said = Kirjattu, mitä sanoit
act-requested = Pyyntö tehty
act-link-asked = Linkki näille sivuille pyydetty
act-entered = Tultu näille sivuille
act-left = Lähdetty näiltä sivuilta

## Ryhmät

categories-title = Ryhmäsi
categories-text = Jotta uutiset tavoittavat ne, joille ne on tarkoitettu, yhteyshenkilöt jaetaan ryhmiin alla julkaistujen sääntöjen mukaan.
categories-none = Et kuulu mihinkään ryhmään.
categories-never = Emme jaa ketään ryhmiin emmekä päättele kiinnostuksen kohteita.
categories-by-rule = Kuulut tähän { $day } alkaen, koska julkaistu sääntö täyttyy.
categories-by-person = Ihminen liitti sinut tähän { $day }.
categories-kept-out = Ihminen on pitänyt sinut tämän ulkopuolella { $day } alkaen.
categories-reason = Syy:
interests-title = Kiinnostuksesi
interests-text = Päätelty siitä, miten olet reagoinut viesteihimme. Kukin reaktio painaa sen verran kuin selosteessa sanotaan, ja { $days } päivän kuluttua puolet siitä.
interests-score = { $score }, viimeisin reaktio { $day }
categories-review = Pyydä ihmistä katsomaan tätä
categories-all = Ryhmät, joita on

## Pyynnöt

requests-title = Pyyntösi
requests-text = Täällä pyydät sitä, mihin tarvitaan ihminen. Vastustamiseen ja suostumukseen et tarvitse pyyntöä: ne vaikuttavat heti kohdassa ”Mihin niitä käytetään”.
requests-opened = Pyyntösi on meillä. Näet sen alla ja päivän, johon mennessä vastaamme.
requests-none-taken = Pyyntöjä ei voi tehdä täällä. Kirjoita meille alla olevaan osoitteeseen.
requests-yours = Mitä olet pyytänyt
requests-none = Et ole pyytänyt mitään.
requests-all = Kaikki pyynnöt
request-title = Pyyntö
request-access = Tiedä kaikki
request-access-text = Näet näillä sivuilla heti, mitä tietoja meillä on. Kysy tässä, jos haluat tietää enemmän, esimerkiksi siitä, mitä vain jotkin tarkoitukset saavat katsoa.
request-rectification = Oikaise jotakin
request-rectification-text = Kerro, mikä on väärin tai puuttuu ja mitä siinä pitäisi olla.
request-erasure = Poista tietoni
request-erasure-text = Poistamme tietosi lukuun ottamatta niitä, jotka laki velvoittaa säilyttämään, ja kerromme, mitä ne ovat. Tätä ei voi perua.
request-restriction = Rajoita käyttöä
request-restriction-text = Säilytämme tietosi mutta lopetamme niiden käytön, esimerkiksi kunnes on selvää, ovatko ne oikein.
request-portability = Siirrä tiedot muualle
request-portability-text = Voit ottaa tietosi heti mukaan tiedostona. Pyydä tässä, jos meidän pitää lähettää ne toiselle yritykselle.
request-human-review = Pyydä ihmistä tarkistamaan
request-human-review-text = Ihminen katsoo kiinnostuksen kohteesi ja ryhmäsi ja muuttaa niitä, jos ne ovat väärin.
request-days = { $days ->
    [one] Vastaamme { $days } päivän kuluessa.
   *[other] Vastaamme { $days } päivän kuluessa.
}
request-words = Mitä haluat kertoa meille
request-words-hint = Voit jättää tämän tyhjäksi. Enintään { $most } merkkiä.
request-send = Lähetä pyyntö
request-field = Mikä on väärin?
request-field-choose = Valitse
request-value = Mitä siinä pitäisi olla?
request-value-hint = Jätä tyhjäksi, jos tieto pitää poistaa.
request-faults = Tarkista seuraavat:
request-too-many = Sinulla on avoinna niin monta pyyntöä kuin voi olla. Odota, kunnes johonkin on vastattu.
request-fault-field = Valitse, mikä on väärin.
request-fault-value = Tämä ei kelpaa valitsemasi tiedon arvoksi. Tarkista, miten se on kirjoitettu.
request-fault-words = Teksti on liian pitkä, tai siinä on merkkejä, joita ei voi tallentaa.
request-state = Tila
request-received = Saapunut
request-due = Vastaamme viimeistään
request-answered = Vastattu
request-outcome = Tulos
request-refused = Miksi ei
request-your-words = Mitä kirjoitit

## Valinnat

preferences-title = Valintasi
preferences-saved = Valintasi on tallennettu.
preferences-text = Se, mitä valitset tässä, vaikuttaa heti.
preferences-none = Tässä ei ole mitään valittavaa.
preferences-save = Tallenna valintani
preferences-open = Ei valintaa
channels-title = Miten saamme lähettää uutisia ja tarjouksia
channels-text = Tämä koskee vain suoramarkkinointia. Tilauksista, toimituksista ja muusta vastaavasta kirjoitamme sinulle kuten ennenkin.
channels-objected = Olet vastustanut suoramarkkinointia, joten emme käytä mitään näistä tavoista siihen.
channel-email = Sähköposti
channel-phone = Puhelin
channel-post = Kirjeet
channel-is-open = Saamme käyttää tätä tapaa.
channel-is-shut = Emme käytä tätä tapaa.
channel-open = Kyllä, saatte käyttää
channel-close = Ei, älkää käyttäkö
channel-reopen = Saatte kysyä minulta uudelleen
