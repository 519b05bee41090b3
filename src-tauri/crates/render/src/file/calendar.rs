//! Dates for calendar programs: iCalendar, RFC 5545, as much of it as single events need.
//!
//! Written here because the format of an event is a dozen lines, while the libraries for it bring a reader, recurrence and
//! zones that nothing here uses: every date is already worked out and stands in UTC.

use std::fmt::Write as _;

use countersign_domain::Instant;

/// Longest line of the format, without its end. **Units**: bytes.
const LINE_BYTES_MAX: usize = 75;

/// One date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Stays the same for the same date, so that importing again changes it and adds nothing.
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// Of what it is part.
    pub about: String,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
}

/// Writes a calendar.
///
/// **Shape**: `about` says where it comes from; lines end in CRLF and are folded at 75 bytes; times do not mark anybody as busy.
#[must_use]
pub fn write(name: &str, about: &str, events: &[Event], now: Instant) -> String {
    let mut out = String::new();
    let mut line = |text: String| fold(&mut out, &text);
    line("BEGIN:VCALENDAR".to_owned());
    line("VERSION:2.0".to_owned());
    line("PRODID:-//Countersign//Countersign//EN".to_owned());
    line(format!("X-WR-CALNAME:{}", escaped(name)));
    line(format!("X-WR-CALDESC:{}", escaped(about)));
    for event in events {
        line("BEGIN:VEVENT".to_owned());
        line(format!("UID:{}", escaped(&event.id)));
        line(format!("DTSTAMP:{}", stamp(now)));
        line(format!("DTSTART:{}", stamp(event.from)));
        line(format!("DTEND:{}", stamp(event.to)));
        line(format!("SUMMARY:{}", escaped(&event.title)));
        line(format!("DESCRIPTION:{}", escaped(&event.about)));
        line("TRANSP:TRANSPARENT".to_owned());
        line("END:VEVENT".to_owned());
    }
    line("END:VCALENDAR".to_owned());
    out
}

fn stamp(at: Instant) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => safe.extend(['\\', c]),
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// Breaks a line where the format wants it, never inside of a character.
fn fold(out: &mut String, text: &str) {
    let mut width = 0;
    for c in text.chars() {
        if width + c.len_utf8() > LINE_BYTES_MAX {
            out.push_str("\r\n ");
            width = 1;
        }
        width += c.len_utf8();
        let _never_fails = out.write_char(c);
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(title: &str) -> Event {
        let at = |text: &str| text.parse().unwrap();
        let (from, to) = (at("2026-11-21T00:00:00Z"), at("2026-11-22T00:00:00Z"));
        Event {
            id: "run_1/daily/2026-11-21@countersign".to_owned(),
            title: title.to_owned(),
            about: String::new(),
            from,
            to,
        }
    }

    #[test]
    fn an_event_has_what_the_format_asks_for() {
        let text =
            write("Weekly", "by Ana", &[event("Look; at, this\nnow \\o/")], "2026-11-20T10:00:00Z".parse().unwrap());
        for wanted in [
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
            "\r\nX-WR-CALDESC:by Ana\r\n",
            "\r\nUID:run_1/daily/2026-11-21@countersign\r\nDTSTAMP:20261120T100000Z\r\n",
            "\r\nDTSTART:20261121T000000Z\r\nDTEND:20261122T000000Z\r\n",
            "\r\nSUMMARY:Look\\; at\\, this\\nnow \\\\o/\r\n",
        ] {
            assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
        }
        assert!(text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let title = "é".repeat(200);
        let text = write("x", "", &[event(&title)], "2026-11-20T10:00:00Z".parse().unwrap());
        assert!(text.split("\r\n").all(|line| line.len() <= LINE_BYTES_MAX), "{text}");
        assert!(text.replace("\r\n ", "").contains(&title));
    }
}
