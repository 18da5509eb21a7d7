use super::{Edit, Row, Spot, Tile};

/// A permission on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) tile: Tile,
    /// Row and server that it was taken from; the palette has none.
    pub(crate) from: Option<(u16, u16)>,
}

impl Carried {
    /// What is at a place that can be carried.
    pub(crate) const fn at(spot: Spot) -> Option<Self> {
        match spot {
            Spot::Palette(tile) => Some(Self { tile, from: None }),
            Spot::Tile { id, server, tile } => Some(Self { tile, from: Some((id, server)) }),
            _ => None,
        }
    }
}

/// What a permission does where it is dropped: on a cell that server gets it, on a row every server but the default, on
/// a column every row, and outside of the matrix it is taken away from where it came.
pub(crate) fn dropped(carried: Carried, target: Option<Spot>, rows: &[Row]) -> Vec<Edit> {
    let Carried { tile, from } = carried;
    let tick = |row: &Row, server: u16| {
        let offered = row.cells.iter().any(|cell| cell.server == server && cell.tiles.contains(&tile));
        (row.lock.is_none() && offered).then_some(Edit::Tick { id: row.id, server, tile })
    };
    match target {
        Some(Spot::Cell { id, server } | Spot::Tile { id, server, .. }) => {
            rows.iter().filter(|row| row.id == id).filter_map(|row| tick(row, server)).collect()
        }
        Some(Spot::Row(id)) => {
            let row = rows.iter().find(|row| row.id == id);
            let servers =
                row.into_iter().flat_map(|row| row.cells.iter().map(move |cell| (row, cell.server)));
            servers.filter(|(_, server)| *server != 0).filter_map(|(row, server)| tick(row, server)).collect()
        }
        Some(Spot::Column(server)) => rows.iter().filter_map(|row| tick(row, server)).collect(),
        Some(Spot::Owner(_) | Spot::Palette(_) | Spot::Nowhere) => Vec::new(),
        None => from.map(|(id, server)| Edit::Untick { id, server, tile }).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use lwm2m_model::access_control::{AccessControlInstance, AccessRights};

    use super::*;
    use crate::access_control::draft::guard;
    use crate::access_control::{Draft, MAX_ID, row};

    const US: u16 = 101;
    const READ: Tile = Tile::Right(AccessRights::READ);
    const CREATE: Tile = Tile::Right(AccessRights::CREATE);

    fn rows() -> Vec<Row> {
        let object = AccessControlInstance { instance: MAX_ID, ..guard(3, US, &[]) };
        let draft = Draft::new(vec![guard(0, US, &[]), guard(1, 102, &[]), guard(2, US, &[]), object]);
        let servers = [US, 102].into();
        (0..4).filter_map(|id| row(&draft, id, Some(US), &[0, US, 102], &servers)).collect()
    }

    fn ticked(tile: Tile, target: Spot) -> Vec<(u16, u16)> {
        let edits = dropped(Carried { tile, from: None }, Some(target), &rows());
        let place = |edit| match edit {
            Edit::Tick { id, server, tile: ticked } if ticked == tile => (id, server),
            other => panic!("{other:?}"),
        };
        edits.into_iter().map(place).collect()
    }

    #[test]
    fn where_it_is_dropped_decides_who_gets_it() {
        assert_eq!(ticked(READ, Spot::Cell { id: 0, server: 0 }), [(0, 0)]);
        assert_eq!(ticked(READ, Spot::Tile { id: 0, server: 102, tile: CREATE }), [(0, 102)]);
        assert_eq!(ticked(READ, Spot::Row(0)), [(0, US), (0, 102)], "not the default");
        assert_eq!(
            ticked(READ, Spot::Column(0)),
            [(0, 0), (2, 0)],
            "what this server owns and what takes it"
        );
        assert_eq!(ticked(CREATE, Spot::Column(102)), [(3, 102)]);
        assert_eq!(ticked(READ, Spot::Row(1)), [], "another server's");
        assert_eq!(ticked(READ, Spot::Owner(0)), []);
    }

    #[test]
    fn outside_it_is_taken_away() {
        let from = Some((0, 102));
        let edits = dropped(Carried { tile: READ, from }, None, &rows());
        assert_eq!(edits, [Edit::Untick { id: 0, server: 102, tile: READ }]);
        assert_eq!(dropped(Carried { tile: READ, from: None }, None, &rows()), []);
        let of_tile = Carried::at(Spot::Tile { id: 0, server: 102, tile: READ });
        assert_eq!(of_tile, Some(Carried { tile: READ, from }));
        assert_eq!(Carried::at(Spot::Row(0)), None);
    }
}
