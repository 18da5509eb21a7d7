use console_api::{ClientQuery, FleetView};

/// The part of a long table that is in the document: rows are recycled while it scrolls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Index of the first row with a slot.
    pub(crate) first: usize,
    pub(crate) slots: usize,
}

/// Rows above and below the visible part, so that a fast wheel shows no gap.
const MARGIN: usize = 4;

/// The server is asked for whole chunks of rows: a short way needs nothing new.
const CHUNK: usize = 64;

impl Window {
    pub(crate) fn new(scroll_px: f64, height_px: f64, row_px: f64, rows: usize) -> Self {
        let visible = (height_px.max(0.0) / row_px).ceil() as usize + 1;
        let slots = (visible + 2 * MARGIN).min(rows);
        let top = (scroll_px.max(0.0) / row_px) as usize;
        Self { first: top.saturating_sub(MARGIN).min(rows - slots), slots }
    }

    /// The index that slot `slot` shows: a row keeps its slot while the window moves past it.
    pub(crate) fn index(self, slot: usize) -> Option<usize> {
        if slot >= self.slots {
            return None;
        }
        let behind = (slot + self.slots - self.first % self.slots) % self.slots;
        Some(self.first + behind)
    }
}

/// What to ask the server for, so that the rows from `first` on are there and a chunk on either side.
pub(crate) fn wanted(query: ClientQuery, first: usize, rows: usize) -> FleetView {
    let from = (first / CHUNK).saturating_sub(1) * CHUNK;
    let to = (first + rows).div_ceil(CHUNK) * CHUNK + CHUNK;
    let limit = u32::try_from(to - from).unwrap_or(u32::MAX).min(FleetView::ROWS);
    FleetView { query, offset: u32::try_from(from).unwrap_or(u32::MAX), limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_is_visible() {
        let window = Window::new(30.0 * 100.0, 600.0, 30.0, 50_000);
        assert_eq!(window, Window { first: 96, slots: 29 });
        assert_eq!(Window::new(0.0, 600.0, 30.0, 3), Window { first: 0, slots: 3 });
        assert_eq!(Window::new(1e9, 600.0, 30.0, 100).first, 71);
        assert_eq!(Window::new(0.0, 0.0, 30.0, 0), Window { first: 0, slots: 0 });
    }

    #[test]
    fn slots_show_every_row_once_and_keep_theirs() {
        for first in 0..40 {
            let window = Window { first, slots: 7 };
            let mut shown: Vec<usize> = (0..7).filter_map(|slot| window.index(slot)).collect();
            shown.sort_unstable();
            assert_eq!(shown, (first..first + 7).collect::<Vec<_>>());
            let next = Window { first: first + 1, slots: 7 };
            let moved = (0..7).filter(|slot| window.index(*slot) != next.index(*slot)).count();
            assert_eq!(moved, 1);
        }
        assert_eq!(Window { first: 0, slots: 3 }.index(3), None);
    }

    #[test]
    fn what_is_asked_for_covers_the_slots_and_changes_rarely() {
        let view = |first, rows| wanted(ClientQuery::default(), first, rows);
        let mut asked = 0;
        let mut last = None;
        for first in 0..1000_usize {
            let view = view(first, 40);
            assert!(view.offset as usize <= first);
            assert!((view.offset + view.limit) as usize >= first + 40);
            asked += usize::from(last.as_ref() != Some(&view));
            last = Some(view);
        }
        assert!(asked <= 2 * 1000 / CHUNK + 2, "{asked}");
        assert_eq!(view(0, 0).offset, 0);
        assert_eq!(view(99_999, 10_000).limit, FleetView::ROWS);
    }
}
