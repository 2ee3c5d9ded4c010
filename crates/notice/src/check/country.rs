//! The countries of ISO 3166-1.

use super::Check;
use crate::fault::Rule;
use crate::parse::reader::shown;

/// The 249 officially assigned two-letter codes, in their order.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM \
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS \
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN \
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI \
    VN VU WF WS YE YT ZA ZM ZW";

/// Whether `code` is one of the two-letter codes of ISO 3166-1, in capitals.
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && COUNTRIES.split(' ').any(|country| country == code)
}

impl Check<'_> {
    pub(super) fn country(&mut self, path: &str, code: &str) {
        if is_country(code) {
            return;
        }
        let hint = match code.to_ascii_uppercase() {
            upper if is_country(&upper) => format!("write `{upper}`"),
            upper if upper == "UK" => "write `GB`".to_owned(),
            _ => "write two capital letters of ISO 3166-1, e.g. `FI`".to_owned(),
        };
        let what = format!("`{}` is no country", shown(code));
        self.fault(Rule::UnknownCountry, path, what, hint);
    }

    pub(super) fn countries(&mut self, path: &str, codes: &[String]) {
        for (at, code) in codes.iter().enumerate() {
            self.country(&format!("{path}.{at}"), code);
        }
    }
}
