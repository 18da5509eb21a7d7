use lwm2m_codec::Path;

use super::history::History;
use super::limits::DEVICE_POINTS;
use crate::sorted_map::PathMap;

/// The courses of all numeric Resources of a device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histories {
    all: PathMap<History>,
    /// Of all of them together.
    points: usize,
}

impl Histories {
    pub(crate) fn get(&self, path: &Path) -> Option<&History> {
        self.all.get(path)
    }

    pub(crate) fn push(&mut self, path: Path, at_ms: u64, value: f64) {
        let history = self.all.get_or_insert(path, History::default);
        let before = history.points().len();
        history.push(at_ms, value);
        self.points = self.points + history.points().len() - before;
        while self.points > DEVICE_POINTS && self.shorten() > 0 {}
    }

    /// Of all of them together.
    pub(crate) const fn points(&self) -> usize {
        self.points
    }

    /// The longest loses its oldest eighth; how many values those are.
    pub(crate) fn shorten(&mut self) -> usize {
        let longest = self.all.values_mut().max_by_key(|history| history.points().len());
        let dropped = longest.map_or(0, History::shorten);
        self.points -= dropped;
        dropped
    }

    /// From the last value of each on, some may have been missed.
    pub(crate) fn interrupt(&mut self) {
        self.all.values_mut().for_each(History::interrupt);
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits::HISTORY_POINTS;
    use super::*;

    #[test]
    fn together_they_are_bounded_and_the_longest_gives_way() {
        let mut histories = Histories::default();
        let path = |id: usize| Path::resource(3303, u16::try_from(id).unwrap(), 5700);
        let full = DEVICE_POINTS / HISTORY_POINTS;
        for id in 0..full {
            (0..HISTORY_POINTS as u64).for_each(|at| histories.push(path(id), at, 1.0));
        }
        let length = |histories: &Histories, id: usize| histories.get(&path(id)).unwrap().points().len();
        assert_eq!((0..full).map(|id| length(&histories, id)).sum::<usize>(), DEVICE_POINTS);
        histories.push(path(full), 1, 1.0);
        assert_eq!(length(&histories, full), 1, "a short one stays");
        let kept = (0..=full).map(|id| length(&histories, id)).sum::<usize>();
        assert_eq!(kept, DEVICE_POINTS + 1 - HISTORY_POINTS / 8);
    }
}
