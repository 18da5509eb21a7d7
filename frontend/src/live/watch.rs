use std::sync::Arc;

use leptos::prelude::*;
use lwm2m_codec::Path;

use super::cell::Cell;
use crate::path_map::PathMap;

/// A value that a mounted component shows.
pub(crate) type Watch = ArcRwSignal<Option<Arc<Cell>>>;

/// Signals of the values that are on the screen; two views of one Resource share one.
#[derive(Default)]
pub(super) struct Watched {
    signals: PathMap<(usize, Watch)>,
}

impl Watched {
    pub(super) fn add(&mut self, path: Path, current: Option<Arc<Cell>>) -> Watch {
        let (views, signal) = self.signals.get_or_insert(path, || (0, ArcRwSignal::new(current)));
        *views += 1;
        signal.clone()
    }

    pub(super) fn release(&mut self, path: &Path) {
        if let Some((views, _)) = self.signals.get_mut(path) {
            *views -= 1;
            if *views == 0 {
                self.signals.remove(path);
            }
        }
    }

    pub(super) fn signal(&self, path: &Path) -> Option<Watch> {
        self.signals.get(path).map(|(_, signal)| signal.clone())
    }

    pub(super) fn paths(&self) -> Vec<Path> {
        self.signals.paths().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_lives_as_long_as_somebody_looks() {
        let mut watched = Watched::default();
        let path = Path::resource(3, 0, 0);
        let first = watched.add(path, None);
        let second = watched.add(path, None);
        assert_eq!(watched.paths(), [path]);
        drop((first, second));
        watched.release(&path);
        assert!(watched.signal(&path).is_some());
        watched.release(&path);
        assert!(watched.signal(&path).is_none());
        watched.release(&path);
    }
}
