//! Markdown tables and number formatting.

use std::fmt;

/// A Markdown table: the first column names the rows, the others are right-aligned figures.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Creates a table with these column titles.
    pub fn new<C: Into<String>>(head: impl IntoIterator<Item = C>) -> Self {
        Self { rows: vec![head.into_iter().map(Into::into).collect()] }
    }

    /// Appends a row.
    pub fn row(&mut self, name: &str, figures: impl IntoIterator<Item = String>) {
        self.rows.push(std::iter::once(name.to_owned()).chain(figures).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, row) in self.rows.iter().enumerate() {
            writeln!(f, "| {} |", row.join(" | "))?;
            if number == 0 {
                writeln!(f, "|---|{}", "--:|".repeat(row.len() - 1))?;
            }
        }
        Ok(())
    }
}

/// Formats a number as an integer in groups of three digits.
pub fn grouped(number: impl fmt::Display) -> String {
    let digits = format!("{number:.0}");
    let (head, groups) = digits.split_at(digits.len() % 3);
    let groups = groups.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let parts: Vec<String> =
        Some(head.to_owned()).into_iter().filter(|head| !head.is_empty()).chain(groups).collect();
    parts.join(" ")
}

/// Returns the median; the upper one for an even number of figures.
///
/// # Panics
///
/// When `figures` is empty.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
