use std::sync::Arc;

use super::cell::Cell;
use super::devices::{Target, TargetMap};
use leptos::prelude::*;

/// A value that a mounted component shows.
pub(crate) type Watch = ArcRwSignal<Option<Arc<Cell>>>;

/// Signals of the values that are on the screen; two views of one Resource share one.
#[derive(Default)]
pub(super) struct Watched {
    signals: TargetMap<(usize, Watch)>,
}

impl Watched {
    pub(super) fn add(&mut self, target: Target, current: Option<Arc<Cell>>) -> Watch {
        let (views, signal) = self.signals.get_or_insert(target, || (0, ArcRwSignal::new(current)));
        *views += 1;
        signal.clone()
    }

    pub(super) fn release(&mut self, target: &Target) {
        if let Some((views, _)) = self.signals.get_mut(target) {
            *views -= 1;
            if *views == 0 {
                self.signals.remove(target);
            }
        }
    }

    pub(super) fn signal(&self, target: &Target) -> Option<Watch> {
        self.signals.get(target).map(|(_, signal)| signal.clone())
    }
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::Path;

    use super::*;
    use crate::live::devices::DeviceKey;

    #[test]
    fn a_signal_lives_as_long_as_somebody_looks() {
        let mut watched = Watched::default();
        let target = Target { device: DeviceKey::default(), path: Path::resource(3, 0, 0) };
        let first = watched.add(target, None);
        let second = watched.add(target, None);
        drop((first, second));
        watched.release(&target);
        assert!(watched.signal(&target).is_some());
        watched.release(&target);
        assert!(watched.signal(&target).is_none());
        watched.release(&target);
    }
}
