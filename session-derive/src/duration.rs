//! Parses durations such as `"90s"` and `"1h30m"`.

use std::time::Duration;

use syn::parse::ParseStream;
use syn::{Error, LitStr, Result};

/// Parses a string literal of numbers with units, from the largest unit to the smallest.
pub(crate) fn parse(input: ParseStream<'_>) -> Result<Duration> {
    let text: LitStr = input.parse()?;
    match read(&text.value()) {
        Some(duration) => Ok(duration),
        None => Err(Error::new(text.span(), "")),
    }
}

fn read(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 5] =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut millis = 0_u64;
    let mut units = UNITS.iter();
    let mut rest = text;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len()));
        let (_, factor) = units.find(|(name, _)| *name == unit)?;
        millis = millis.checked_add(number.parse::<u64>().ok()?.checked_mul(*factor)?)?;
        rest = tail;
    }
    (millis > 0).then(|| Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        let read = |text| read(text).map(|duration| duration.as_millis());
        assert_eq!(read("10m"), Some(600_000));
        assert_eq!(read("1h30m"), Some(5_400_000));
        assert_eq!(read("2d3h4m5s6ms"), Some(183_845_006));
        assert_eq!(read("250ms"), Some(250));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "10", "m", "10 m", "-1s", "1.5h", "10min", "0s", "1s1s", "1m1h", "99999999999999999d"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
