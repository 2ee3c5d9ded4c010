//! Days and times in the forms that exports have.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::NotA;

/// The form in which a file writes days and times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateForm {
    /// `2024-05-31`, `2024-05-31 10:00:00`, `2024-05-31T10:00:00+02:00`.
    #[default]
    Iso,
    /// `5/31/2024`, `5/31/2024 10:00 PM`.
    Us,
    /// `31.5.2024`, `31/05/2024 22:00`.
    European,
    /// `20240531`.
    Compact,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMilliseconds,
}

impl DateForm {
    /// All of them.
    pub const ALL: [DateForm; 6] = [
        DateForm::Iso,
        DateForm::European,
        DateForm::Us,
        DateForm::Compact,
        DateForm::Unix,
        DateForm::UnixMilliseconds,
    ];

    /// As a map says it.
    pub const fn word(self) -> &'static str {
        match self {
            DateForm::Iso => "iso",
            DateForm::Us => "us",
            DateForm::European => "european",
            DateForm::Compact => "compact",
            DateForm::Unix => "unix",
            DateForm::UnixMilliseconds => "unix-milliseconds",
        }
    }

    /// The form that a map says so.
    pub fn of_word(word: &str) -> Option<DateForm> {
        DateForm::ALL.into_iter().find(|form| form.word() == word)
    }
}

const NOT_A_DAY: NotA = "a day in the form that the map says";

/// `2024-05-31`.
pub(crate) fn day(text: &str, form: DateForm) -> Result<String, NotA> {
    Ok(read(text, form)?.date.to_string())
}

/// `2024-05-31T10:00:00Z`. What names no offset is UTC, a day its first moment.
pub(crate) fn time(text: &str, form: DateForm) -> Result<String, NotA> {
    let read = read(text, form)?;
    let time = read.time.unwrap_or(Time::midnight());
    let zoned = read.date.to_datetime(time).to_zoned(TimeZone::UTC).map_err(|_| NOT_A_DAY)?;
    Ok(whole_seconds(zoned.timestamp()).to_string())
}

/// A time where the text says one that is not midnight, else a day.
pub(crate) fn moment(text: &str, form: DateForm) -> Result<String, NotA> {
    match read(text, form)?.time {
        Some(at) if at != Time::midnight() => time(text, form),
        _ => day(text, form),
    }
}

struct Read {
    date: Date,
    time: Option<Time>,
}

impl From<DateTime> for Read {
    fn from(at: DateTime) -> Read {
        Read { date: at.date(), time: Some(at.time()) }
    }
}

fn read(text: &str, form: DateForm) -> Result<Read, NotA> {
    let read = match form {
        DateForm::Iso => iso(text),
        DateForm::Us => spelt(text, |[month, day, year]| (year, month, day)),
        DateForm::European => spelt(text, |[day, month, year]| (year, month, day)),
        DateForm::Compact => compact(text),
        DateForm::Unix => since_1970(text, SignedDuration::from_secs),
        DateForm::UnixMilliseconds => since_1970(text, SignedDuration::from_millis),
    };
    read.filter(|read| (1000..=9999).contains(&read.date.year())).ok_or(NOT_A_DAY)
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn utc(at: Timestamp) -> Read {
    Read::from(at.to_zoned(TimeZone::UTC).datetime())
}

fn iso(text: &str) -> Option<Read> {
    if let Ok(date) = text.parse::<Date>() {
        // A date parser that meets a time passes over it.
        if text.len() <= 10 {
            return Some(Read { date, time: None });
        }
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(utc(at));
    }
    if let Ok(at) = text.parse::<DateTime>() {
        return Some(Read::from(at));
    }
    spelt(text, |[year, month, day]| (year, month, day)).filter(|_| !text.contains('.'))
}

/// Three numbers, then perhaps a time.
fn spelt(text: &str, order: impl Fn([i32; 3]) -> (i32, i32, i32)) -> Option<Read> {
    let (date, time) = match text.split_once([' ', 'T', ',']) {
        Some((date, time)) => (date, Some(time.trim())),
        None => (text, None),
    };
    let mut numbers = date.split(['/', '.', '-']).map(|part| part.parse::<i32>().ok());
    let parts = [numbers.next()??, numbers.next()??, numbers.next()??];
    if numbers.next().is_some() {
        return None;
    }
    let (year, month, day) = order(parts);
    let (year, month, day) =
        (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let date = Date::new(year, month, day).ok()?;
    let time = match time {
        Some(time) if !time.is_empty() => Some(clock(time)?),
        _ => None,
    };
    Some(Read { date, time })
}

/// `22:00`, `22:00:30`, `10:00 PM`.
fn clock(text: &str) -> Option<Time> {
    let lower = text.to_ascii_lowercase();
    let (digits, afternoon) = if let Some(digits) = lower.strip_suffix("pm") {
        (digits, Some(true))
    } else if let Some(digits) = lower.strip_suffix("am") {
        (digits, Some(false))
    } else {
        (lower.as_str(), None)
    };
    let mut parts = digits.trim().split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let hour = match afternoon {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    Time::new(hour, minute, second, 0).ok()
}

fn compact(text: &str) -> Option<Read> {
    if !text.is_ascii() || text.len() != 8 {
        return iso(text);
    }
    let date = Date::new(
        text.get(..4)?.parse().ok()?,
        text.get(4..6)?.parse().ok()?,
        text.get(6..)?.parse().ok()?,
    );
    Some(Read { date: date.ok()?, time: None })
}

fn since_1970(text: &str, unit: impl Fn(i64) -> SignedDuration) -> Option<Read> {
    let since = unit(text.parse().ok()?);
    Timestamp::from_duration(since).ok().map(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_the_form_that_the_map_says() {
        for (form, text) in [
            (DateForm::Iso, "2024-05-31"),
            (DateForm::Iso, "2024-05-31 00:00:00.000"),
            (DateForm::Iso, "2024-05-31T22:00:00Z"),
            (DateForm::Iso, "2024/5/31"),
            (DateForm::Us, "5/31/2024"),
            (DateForm::Us, "05/31/2024 10:00 PM"),
            (DateForm::European, "31.5.2024"),
            (DateForm::European, "31/05/2024 22:00:01"),
            (DateForm::Compact, "20240531"),
            (DateForm::Unix, "1717150000"),
            (DateForm::UnixMilliseconds, "1717150000000"),
        ] {
            assert_eq!(day(text, form).as_deref(), Ok("2024-05-31"), "{text}");
        }
    }

    #[test]
    fn a_time_is_in_utc() {
        assert_eq!(
            time("2024-05-31T22:00:00+02:00", DateForm::Iso).unwrap(),
            "2024-05-31T20:00:00Z"
        );
        assert_eq!(time("2024-05-31 22:00:00.5", DateForm::Iso).unwrap(), "2024-05-31T22:00:00Z");
        assert_eq!(time("2024-05-31", DateForm::Iso).unwrap(), "2024-05-31T00:00:00Z");
        assert_eq!(time("12/31/2024 12:30 am", DateForm::Us).unwrap(), "2024-12-31T00:30:00Z");
    }

    #[test]
    fn a_moment_is_a_day_unless_there_is_a_time() {
        assert_eq!(moment("1996-07-04 00:00:00.000", DateForm::Iso).unwrap(), "1996-07-04");
        assert_eq!(moment("1996-07-04 08:00:00", DateForm::Iso).unwrap(), "1996-07-04T08:00:00Z");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "0000-00-00",
            "2024-13-01",
            "2024-02-30",
            "31.5.2024",
            "yesterday",
            "5/31/24",
            "1e9",
            "99999-01-01",
        ] {
            assert!(day(text, DateForm::Iso).is_err(), "{text}");
        }
        assert!(day("31/5/2024", DateForm::Us).is_err());
        assert!(day("8/9/14 19:00", DateForm::Us).is_err());
    }
}
