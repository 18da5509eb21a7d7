use console_api::SortBy;

use crate::browser;

/// A column of the fleet table, as they stand from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Status,
    Endpoint,
    Lifetime,
    Binding,
    Version,
    Security,
    Objects,
    Value,
    Observations,
    Heard,
    Tags,
}

const KEY: &str = "fleet-columns-hidden";

/// Room between two columns; the style sheet says the same.
const GAP_PX: u32 = 12;

/// What the check box, the menu and the edges of a row take.
const FRAME_PX: u32 = 24 + 24 + 2 * (GAP_PX + 12);

/// The first stays longest when the table gets narrow.
const BY_IMPORTANCE: [Column; 11] = [
    Column::Endpoint,
    Column::Status,
    Column::Value,
    Column::Lifetime,
    Column::Heard,
    Column::Objects,
    Column::Security,
    Column::Binding,
    Column::Version,
    Column::Tags,
    Column::Observations,
];

impl Column {
    pub(crate) const ALL: [Self; 11] = [
        Self::Status,
        Self::Endpoint,
        Self::Lifetime,
        Self::Binding,
        Self::Version,
        Self::Security,
        Self::Objects,
        Self::Value,
        Self::Observations,
        Self::Heard,
        Self::Tags,
    ];

    /// What a row has where there is room for cards only.
    pub(crate) const CARD: [Self; 5] =
        [Self::Status, Self::Endpoint, Self::Lifetime, Self::Value, Self::Heard];

    pub(crate) const fn key(self) -> &'static str {
        self.facts().0
    }

    pub(crate) const fn title(self) -> &'static str {
        self.facts().1
    }

    pub(crate) const fn sort(self) -> Option<SortBy> {
        match self {
            Self::Status => Some(SortBy::Status),
            Self::Endpoint => Some(SortBy::Endpoint),
            Self::Lifetime => Some(SortBy::Lifetime),
            Self::Binding => Some(SortBy::Binding),
            Self::Version => Some(SortBy::Version),
            Self::Security => Some(SortBy::Security),
            Self::Objects => Some(SortBy::Objects),
            Self::Observations => Some(SortBy::Observations),
            Self::Heard => Some(SortBy::Heard),
            Self::Value | Self::Tags => None,
        }
    }

    /// Word in settings, title, least width, and how much of what is left over it takes.
    const fn facts(self) -> (&'static str, &'static str, u32, u32) {
        match self {
            Self::Status => ("status", "Status", 108, 0),
            Self::Endpoint => ("endpoint", "Endpoint", 190, 5),
            Self::Lifetime => ("lifetime", "Lifetime left", 114, 0),
            Self::Binding => ("binding", "Binding", 66, 0),
            Self::Version => ("version", "Version", 56, 0),
            Self::Security => ("security", "Security", 90, 0),
            Self::Objects => ("objects", "Objects", 150, 3),
            Self::Value => ("value", "Observed value", 150, 3),
            Self::Observations => ("observations", "Observed", 62, 0),
            Self::Heard => ("heard", "Last heard", 72, 0),
            Self::Tags => ("tags", "Tags", 110, 2),
        }
    }
}

/// Of the columns that are not hidden, those that there is room for. The endpoint is always there.
pub(crate) fn fitting(hidden: &[Column], width_px: f64) -> Vec<Column> {
    let mut left = (width_px.max(0.0) as u32).saturating_sub(FRAME_PX);
    let mut fit = vec![Column::Endpoint];
    left = left.saturating_sub(Column::Endpoint.facts().2);
    for column in BY_IMPORTANCE.into_iter().skip(1).filter(|column| !hidden.contains(column)) {
        let needs = column.facts().2 + GAP_PX;
        // What comes after would be less important than what is missing.
        if needs > left {
            break;
        }
        left -= needs;
        fit.push(column);
    }
    Column::ALL.into_iter().filter(|column| fit.contains(column)).collect()
}

/// `grid-template-columns` of a row with these columns.
pub(crate) fn track(columns: &[Column]) -> String {
    let mut track = "24px".to_owned();
    for column in columns {
        let (_, _, least, share) = column.facts();
        track.push_str(&match share {
            0 => format!(" {least}px"),
            share => format!(" minmax({least}px, {share}fr)"),
        });
    }
    track + " 24px"
}

/// Columns that the operator does not want.
pub(crate) fn hidden_columns() -> Vec<Column> {
    parse_hidden(&browser::remembered(KEY).unwrap_or_default())
}

pub(crate) fn remember_hidden(hidden: &[Column]) {
    let keys: Vec<&str> = hidden.iter().map(|column| column.key()).collect();
    browser::remember(KEY, &keys.join(" "));
}

fn parse_hidden(text: &str) -> Vec<Column> {
    let known = |key: &str| Column::ALL.into_iter().find(|column| column.key() == key);
    text.split_whitespace().filter_map(known).filter(|column| *column != Column::Endpoint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_go_first() {
        assert_eq!(fitting(&[], 1900.0), Column::ALL);
        let laptop = fitting(&[], 1212.0);
        assert!(laptop.contains(&Column::Version) && !laptop.contains(&Column::Tags), "{laptop:?}");
        assert_eq!(fitting(&[], 10.0), [Column::Endpoint]);
        let without_value = fitting(&[Column::Value, Column::Objects], 1212.0);
        assert!(!without_value.contains(&Column::Value) && without_value.contains(&Column::Tags));
        for width in 0..2000 {
            let (fewer, more) = (fitting(&[], f64::from(width)), fitting(&[], f64::from(width + 1)));
            assert!(fewer.iter().all(|column| more.contains(column)), "{width}");
        }
    }

    #[test]
    fn a_track_for_each_column_and_two_more() {
        let track = track(&[Column::Status, Column::Endpoint]);
        assert_eq!(track, "24px 108px minmax(190px, 5fr) 24px");
    }

    #[test]
    fn what_is_remembered_is_read_with_care() {
        assert_eq!(parse_hidden("version tags endpoint purple"), [Column::Version, Column::Tags]);
        assert_eq!(BY_IMPORTANCE.len(), Column::ALL.len());
        assert!(Column::ALL.iter().all(|column| BY_IMPORTANCE.contains(column)));
    }
}
