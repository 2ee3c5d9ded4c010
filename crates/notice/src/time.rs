//! Days, windows and the anchors that windows start from.

use std::fmt;

use jiff::civil::Date;
use jiff::{ToSpan, Unit};

/// A day, counted from 1970-01-01 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// Earlier than any day: "has not happened".
    pub const NEVER: Day = Day(i32::MIN);
    /// Later than any day: "is still open".
    pub const OPEN: Day = Day(i32::MAX);
    /// The earliest and the latest day that calendars here can count with: years 0001 and 9000.
    const RANGE: std::ops::RangeInclusive<i32> = -719_162..=2_567_600;

    /// The day of a date.
    pub fn of(date: Date) -> Day {
        let days = date.since((Unit::Day, epoch())).map_or(0, |span| span.get_days());
        Day(days)
    }

    /// The day of an instant in milliseconds since 1970-01-01T00:00:00Z.
    pub fn of_millis(millis: i64) -> Day {
        Day(i32::try_from(millis.div_euclid(86_400_000)).unwrap_or(i32::MAX))
    }

    /// The first millisecond of the day.
    pub fn start_millis(self) -> i64 {
        i64::from(self.0) * 86_400_000
    }

    /// The date, unless the day is [`Day::NEVER`], [`Day::OPEN`] or out of the calendar.
    pub fn date(self) -> Option<Date> {
        if !Self::RANGE.contains(&self.0) {
            return None;
        }
        epoch().checked_add(self.0.days()).ok()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => date.fmt(f),
            None if self.0 < 0 => f.write_str("never"),
            None => f.write_str("open"),
        }
    }
}

const fn epoch() -> Date {
    jiff::civil::date(1970, 1, 1)
}

/// From which day a window counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// The record's own day.
    Collected,
    /// The contact's last activity, or the record's own day where that is later.
    LastActivity,
    /// The end of the relation with the contact; open while it goes on.
    EndOfRelation,
    /// The day the record's object was closed; open until then. A record about no object counts
    /// from its own day.
    ObjectClosed,
}

impl Anchor {
    /// All of them.
    pub const ALL: [Anchor; 4] =
        [Self::Collected, Self::LastActivity, Self::EndOfRelation, Self::ObjectClosed];

    /// The word for it in a notice.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::LastActivity => "last activity",
            Self::EndOfRelation => "end of relation",
            Self::ObjectClosed => "object closed",
        }
    }
}

/// The unit of a window's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Length {
    /// Days.
    Days(u16),
    /// Calendar months.
    Months(u16),
    /// Calendar years.
    Years(u16),
}

/// How long a purpose may see a record of a category: a length after an anchor, e.g.
/// `24 months after last activity` or
/// `6 years after the end of the financial year of object closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// How long.
    pub length: Length,
    /// After what.
    pub anchor: Anchor,
    /// Whether it counts from the end of the financial year in which the anchor lies.
    pub financial_year: bool,
}

/// The last day of the controller's financial year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct YearEnd {
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31, cut to the month's length.
    pub day: i8,
}

impl Default for YearEnd {
    fn default() -> Self {
        YearEnd { month: 12, day: 31 }
    }
}

impl YearEnd {
    /// The last day of the financial year in which `date` lies.
    pub fn of(self, date: Date) -> Date {
        let in_year = |year: i16| {
            let month = jiff::civil::date(year, self.month.clamp(1, 12), 1);
            let last = month.days_in_month();
            jiff::civil::date(year, month.month(), self.day.clamp(1, last))
        };
        let this = in_year(date.year());
        if date <= this { this } else { in_year(date.year().saturating_add(1)) }
    }
}

impl Window {
    /// The last day on which the window is still open for an anchor on that day.
    ///
    /// [`Day::OPEN`] stays open, and so does what the calendar cannot count; [`Day::NEVER`] is over.
    pub fn last_day(self, anchor: Day, year_end: YearEnd) -> Day {
        let Some(mut date) = anchor.date() else {
            return if anchor.0 < 0 { Day::NEVER } else { Day::OPEN };
        };
        if self.financial_year {
            date = year_end.of(date);
        }
        let end = match self.length {
            Length::Days(n) => date.checked_add(i64::from(n).days()),
            Length::Months(n) => date.checked_add(i64::from(n).months()),
            Length::Years(n) => date.checked_add(i64::from(n).years()),
        };
        end.map_or(Day::OPEN, Day::of)
    }

    /// The earliest anchor day for which the window is still open on `today`.
    ///
    /// [`Window::last_day`] never falls while the anchor grows, so that one comparison with this
    /// day answers for every record.
    pub fn cutoff(self, today: Day, year_end: YearEnd) -> Day {
        let (mut low, mut high) = (*Day::RANGE.start(), today.0.max(*Day::RANGE.start()));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.last_day(Day(middle), year_end) >= today {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Day(low)
    }

    /// Reads `N days|months|years after [the end of the financial year of] ANCHOR`.
    pub fn parse(text: &str) -> Result<Window, WindowError> {
        let fault = || WindowError { text: text.chars().take(80).collect() };
        let (length, after) = text.trim().split_once(" after ").ok_or_else(fault)?;
        let (count, unit) = length.trim().split_once(' ').ok_or_else(fault)?;
        let count: u16 = count.parse().map_err(|_| fault())?;
        let length = match unit.trim() {
            "day" | "days" => Length::Days(count),
            "month" | "months" => Length::Months(count),
            "year" | "years" => Length::Years(count),
            _ => return Err(fault()),
        };
        let after = after.trim();
        let (financial_year, anchor) = match after.strip_prefix("the end of the financial year of ")
        {
            Some(rest) => (true, rest.trim()),
            None => (false, after),
        };
        let anchor = Anchor::ALL.into_iter().find(|a| a.word() == anchor).ok_or_else(fault)?;
        Ok(Window { length, anchor, financial_year })
    }
}

/// A window that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no window: write `N days|months|years after ANCHOR`, where ANCHOR is `collected`, \
     `last activity`, `end of relation` or `object closed`, each also as \
     `the end of the financial year of ANCHOR`"
)]
pub struct WindowError {
    text: String,
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::Days(n) => (n, "day"),
            Self::Months(n) => (n, "month"),
            Self::Years(n) => (n, "year"),
        };
        write!(f, "{count} {unit}{}", if *count == 1 { "" } else { "s" })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = if self.financial_year { "the end of the financial year of " } else { "" };
        write!(f, "{} after {year}{}", self.length, self.anchor.word())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_window_is_read_as_it_is_written() {
        for text in [
            "24 months after last activity",
            "1 day after collected",
            "6 years after the end of the financial year of object closed",
        ] {
            assert_eq!(Window::parse(text).unwrap().to_string(), text);
        }
        assert!(Window::parse("forever").is_err());
        assert!(Window::parse("99999 days after collected").is_err());
    }

    #[test]
    fn a_financial_year_that_ends_in_june_counts_from_june() {
        let window = Window::parse("6 years after the end of the financial year of collected");
        let end = YearEnd { month: 6, day: 30 };
        let last = window.unwrap().last_day(Day::of(date(2024, 7, 1)), end);
        assert_eq!(last.to_string(), "2031-06-30");
    }

    proptest! {
        #[test]
        fn the_cutoff_answers_as_the_calendar_does(
            today in 10_000..40_000i32, anchor in 9_000..41_000i32,
            length in 0..400u16, unit in 0..3u8, financial_year: bool, month in 1..=12i8, day in 1..=31i8,
        ) {
            let length = match unit {
                0 => Length::Days(length),
                1 => Length::Months(length),
                _ => Length::Years(length % 100),
            };
            let window = Window { length, anchor: Anchor::Collected, financial_year };
            let year_end = YearEnd { month, day };
            let open = window.last_day(Day(anchor), year_end) >= Day(today);
            prop_assert_eq!(open, Day(anchor) >= window.cutoff(Day(today), year_end));
        }
    }
}
