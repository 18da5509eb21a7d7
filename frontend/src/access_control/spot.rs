use std::{fmt, str::FromStr};

use super::Tile;

/// A place of the matrix, as its element says it. Rows are known by the id of their instance of Object 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    Palette(Tile),
    Column(u16),
    Row(u16),
    Owner(u16),
    Cell {
        id: u16,
        server: u16,
    },
    Tile {
        id: u16,
        server: u16,
        tile: Tile,
    },
    /// Within the matrix, and not at anything.
    Nowhere,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Palette(tile) => write!(f, "palette-{}", tile.number()),
            Self::Column(server) => write!(f, "column-{server}"),
            Self::Row(id) => write!(f, "row-{id}"),
            Self::Owner(id) => write!(f, "owner-{id}"),
            Self::Cell { id, server } => write!(f, "cell-{id}-{server}"),
            Self::Tile { id, server, tile } => write!(f, "tile-{id}-{server}-{}", tile.number()),
            Self::Nowhere => f.write_str("nowhere"),
        }
    }
}

impl FromStr for Spot {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-');
        let kind = parts.next().ok_or(())?;
        let mut number = || parts.next().and_then(|part| part.parse::<u16>().ok()).ok_or(());
        let spot = match kind {
            "palette" => Self::Palette(Tile::from_number(number()?).ok_or(())?),
            "column" => Self::Column(number()?),
            "row" => Self::Row(number()?),
            "owner" => Self::Owner(number()?),
            "cell" => Self::Cell { id: number()?, server: number()? },
            "tile" => {
                let (id, server) = (number()?, number()?);
                Self::Tile { id, server, tile: Tile::from_number(number()?).ok_or(())? }
            }
            "nowhere" => Self::Nowhere,
            _ => return Err(()),
        };
        if parts.next().is_none() { Ok(spot) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_read_as_it_is_written() {
        let spots = [
            Spot::Palette(Tile::Entry),
            Spot::Column(0),
            Spot::Row(65_534),
            Spot::Owner(7),
            Spot::Cell { id: 1, server: 102 },
            Spot::Tile { id: 1, server: 102, tile: Tile::RIGHTS[4] },
            Spot::Nowhere,
        ];
        for spot in spots {
            assert_eq!(spot.to_string().parse(), Ok(spot));
        }
        for text in ["", "row", "row-x", "row-1-2", "tile-1-2-3", "cell-1", "other-1"] {
            assert_eq!(text.parse::<Spot>(), Err(()), "{text}");
        }
    }
}
