use serde::{Deserialize, Serialize};

/// A page of charts and values: `GET|PUT /api/v1/boards/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Board {
    /// Never given twice; not read when it is sent.
    pub id: u64,
    /// 1 to 120 characters. Several boards may have the same.
    pub name: String,
    /// Counted by the server with every save: one that is sent with an older version is refused (409).
    pub version: u64,
    /// What the server knows of it; not read when it is sent.
    pub saved_at_ms: u64,
    pub author: String,
    /// How much of the past is shown, in milliseconds: from 10 seconds to 366 days.
    pub span_ms: u64,
    /// None lies on another.
    pub tiles: Vec<Tile>,
}

/// A rectangle of the board, in cells of a grid of 12 columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Tile {
    pub kind: TileKind,
    /// None: named after what it shows.
    pub title: Option<String>,
    /// The first column, from 0.
    pub x: u16,
    /// The first row, from 0.
    pub y: u16,
    pub width: u16,
    pub height: u16,
    /// 1 to 10 of a chart, one of a value.
    pub series: Vec<BoardSeries>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TileKind {
    /// The course of its series over time.
    #[default]
    Chart,
    /// The newest value.
    Value,
}

/// A Resource of a client, which need not be known yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BoardSeries {
    pub endpoint: String,
    /// Of a Resource or a Resource Instance: `/3303/0/5700`
    pub path: String,
}

/// `GET /api/v1/boards`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BoardList {
    /// By name.
    pub boards: Vec<BoardSummary>,
}

/// A board without its tiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BoardSummary {
    pub id: u64,
    pub name: String,
    pub version: u64,
    pub saved_at_ms: u64,
    pub author: String,
    pub tiles: usize,
    /// Different clients that it shows.
    pub devices: usize,
}

/// What is more, or less, is refused.
impl Board {
    pub const COLUMNS: u16 = 12;
    /// More than a person scrolls through.
    pub const ROWS: u16 = 500;
    /// As many as one page can draw and follow.
    pub const TILES: usize = 48;
    /// Characters of its name, without spaces around it.
    pub const NAME: usize = 120;
    pub const SHORTEST_SPAN_MS: u64 = 10_000;
    pub const LONGEST_SPAN_MS: u64 = 366 * 24 * 60 * 60 * 1_000;
}

/// What is more is refused.
impl Tile {
    /// As many as there are colours that can be told apart.
    pub const SERIES: usize = 10;
    /// Characters of its title, without spaces around it.
    pub const TITLE: usize = 120;

    /// Whether both have a cell of the grid.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let meet = |from: u16, length: u16, other: u16, other_length: u16| {
            from < other.saturating_add(other_length) && other < from.saturating_add(length)
        };
        meet(self.x, self.width, other.x, other.width) && meet(self.y, self.height, other.y, other.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_that_only_touch_do_not_overlap() {
        let at = |x, y, width, height| Tile { x, y, width, height, ..Tile::default() };
        let tile = at(2, 2, 4, 3);
        for apart in [at(6, 2, 1, 3), at(0, 2, 2, 3), at(2, 5, 4, 1), at(2, 0, 4, 2), at(6, 5, 1, 1)] {
            assert!(!tile.overlaps(&apart) && !apart.overlaps(&tile), "{apart:?}");
        }
        for over in [tile.clone(), at(5, 4, 9, 9), at(0, 0, 3, 3), at(3, 0, 1, 500)] {
            assert!(tile.overlaps(&over) && over.overlaps(&tile), "{over:?}");
        }
    }

    #[test]
    fn a_board_reads_as_it_is_documented() {
        let text = r#"{"name":"Cellar","span_ms":60000,"tiles":[{"kind":"value","x":0,"y":0,"width":2,"height":1,
            "series":[{"endpoint":"lamp","path":"/3303/0/5700"}]}]}"#;
        let board: Board = serde_json::from_str(text).unwrap();
        assert_eq!((board.tiles[0].kind, board.tiles[0].title.as_ref()), (TileKind::Value, None));
        assert!(serde_json::from_str::<Board>(r#"{"colour":"red"}"#).is_err());
    }
}
