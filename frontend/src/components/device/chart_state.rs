use std::sync::Arc;

use leptos::prelude::*;
use lwm2m_codec::{Path, Value, ValueType};

use super::thresholds::Thresholds;
use crate::chart::{
    Course, Forecast, Heard, Kind, Plot, Pyramid, Sample, Stretch, Summary, Texts, ValueScale, read_out,
};
use crate::enumeration;
use crate::live::{Device, Live};
use crate::memo::memo;
use crate::path_map::PathMap;
use crate::workbench::{SERIES, Workbench};

/// What the parts of a chart share.
#[derive(Clone, Copy)]
pub(super) struct ChartState {
    pub(super) live: Live,
    pub(super) bench: Workbench,
    /// The selected Resource.
    pub(super) path: Path,
    /// It first, then those that are kept beside it.
    pub(super) paths: Memo<Vec<Path>>,
    /// The time that is read out.
    pub(super) hover: RwSignal<Option<f64>>,
    /// Where the values are on the canvas, as it was drawn.
    pub(super) plot: RwSignal<Plot>,
    /// The vertical axis of the selected Resource as it was drawn.
    pub(super) scale: RwSignal<Option<ValueScale>>,
    pub(super) thresholds: Thresholds,
    /// What the server has kept, as far as it was asked for.
    pub(super) stored: RwSignal<PathMap<Arc<Stretch>>>,
    /// What Resources said that say texts.
    pub(super) texts: RwSignal<PathMap<Texts>>,
    /// Summaries of what was heard.
    pyramids: StoredValue<PathMap<Pyramid>>,
}

impl ChartState {
    pub(super) fn new(live: Live, bench: Workbench, path: Path) -> Self {
        Self {
            live,
            bench,
            path,
            paths: memo(move || {
                let mut paths = vec![path];
                bench.pinned.with(|pinned| paths.extend(pinned.iter().filter(|other| **other != path)));
                paths.truncate(SERIES);
                paths
            }),
            hover: RwSignal::default(),
            plot: RwSignal::default(),
            scale: RwSignal::default(),
            thresholds: Thresholds::new(path),
            stored: RwSignal::default(),
            texts: RwSignal::default(),
            pyramids: StoredValue::default(),
        }
    }

    /// Looks again when a value comes.
    pub(super) fn track_values(self) {
        for path in self.paths.get() {
            self.live.watch(path).track();
        }
    }

    /// The server's clock, or the newest value when that is ahead of it.
    pub(super) fn now_ms(self) -> f64 {
        let now_ms = self.live.now_ms.get() as f64;
        self.paths.with(|paths| {
            let newest = |device: &Device| {
                let histories = paths.iter().filter_map(|path| device.history(path));
                histories.filter_map(|history| history.newest_ms()).fold(now_ms, f64::max)
            };
            self.live.with_device(newest).unwrap_or(now_ms)
        })
    }

    /// From when to when is shown. One that stands still does not look again with every second.
    pub(super) fn window(self) -> (f64, f64) {
        let view = self.bench.view.get();
        view.window(if view.is_following() { self.now_ms() } else { 0.0 })
    }

    /// What is known of one of the Resources.
    pub(super) fn with_course<R>(self, path: &Path, f: impl FnOnce(&Course<'_>) -> R) -> Option<R> {
        self.stored.with(|stored| {
            let stored = stored.get(path).map(AsRef::as_ref);
            self.live.with_device(|device| {
                let pmax_s = device.effective_attributes(path, None).pmax_in_force();
                let pmax_ms = pmax_s.map(|pmax_s| f64::from(pmax_s) * 1000.0);
                if self.is_text(path) {
                    return self.texts.with(|texts| {
                        let (points, revision) =
                            texts.get(path).map_or((&[][..], 0), |texts| (texts.points(), texts.revision()));
                        self.with_heard(path, (points, revision, &[]), |heard| {
                            f(&Course::new(None, heard, pmax_ms))
                        })
                    });
                }
                let heard = device.history(path);
                let heard = heard.map_or((&[][..], 0, &[][..]), |history| {
                    (history.points(), history.revision(), history.gaps())
                });
                self.with_heard(path, heard, |heard| f(&Course::new(stored, heard, pmax_ms)))
            })
        })
    }

    /// With summaries of points, their revision, and gaps.
    fn with_heard<R>(
        self,
        path: &Path,
        (points, revision, gaps): (&[(f64, f64)], u32, &[f64]),
        f: impl FnOnce(Option<Heard<'_>>) -> R,
    ) -> R {
        self.pyramids.update_value(|pyramids| {
            pyramids.get_or_insert(*path, Pyramid::default).catch_up(points, revision);
        });
        self.pyramids
            .with_value(|pyramids| f(pyramids.get(path).map(|pyramid| Heard { points, pyramid, gaps })))
    }

    /// Of what is shown of it.
    pub(super) fn summary(self, path: &Path) -> Option<Summary> {
        let (from_ms, to_ms) = self.window();
        self.with_course(path, |course| course.summary(from_ms, to_ms)).flatten()
    }

    /// What is shown as numbers, oldest first.
    pub(super) fn samples(self) -> Vec<Sample> {
        let (from_ms, to_ms) = self.window();
        let mut samples = Vec::new();
        for path in self.paths.get() {
            let units = self.bench.unit(&path);
            let text = self.is_text(&path).then(|| self.kind(&path));
            let sample = |part: Summary| {
                let text = text.as_ref().map(|kind| kind.name(part.last.1));
                Sample { path, part, units: units.clone(), text }
            };
            self.with_course(&path, |course| samples.extend(course.parts(from_ms, to_ms).map(sample)));
        }
        samples.sort_by(|a, b| a.part.first.0.total_cmp(&b.part.first.0));
        samples
    }

    /// What it is: a quantity, or states.
    pub(super) fn kind(self, path: &Path) -> Kind {
        match self.value_type(path) {
            Some(ValueType::Boolean) => return Kind::Truth,
            Some(ValueType::String) => {
                let names = self.texts.with(|texts| texts.get(path).map(Texts::names));
                return Kind::States(names.unwrap_or_default());
            }
            _ => {}
        }
        let range = self.bench.definition(path).map(|definition| definition.range).unwrap_or_default();
        let names = enumeration::of(path, &range);
        if names.is_empty() { Kind::Quantity } else { Kind::States(names) }
    }

    pub(super) fn is_text(self, path: &Path) -> bool {
        self.value_type(path) == Some(ValueType::String)
    }

    /// As its value came, or else as it is defined.
    fn value_type(self, path: &Path) -> Option<ValueType> {
        let told = |device: &Device| match device.cell(path)?.content.single()? {
            Value::Boolean(_) => Some(ValueType::Boolean),
            Value::String(_) => Some(ValueType::String),
            _ => Some(ValueType::Float),
        };
        let told = self.live.with_device(told).flatten();
        told.or_else(|| self.bench.definition(path)?.value_type)
    }

    /// A part of its course in words.
    pub(super) fn told(self, path: &Path, part: &Summary) -> String {
        match self.kind(path) {
            kind if kind.is_lane() && part.low == part.high => kind.name(part.last.1),
            _ => read_out(part, &self.bench.unit(path)),
        }
    }

    /// What of it would have been notified with the levels as they are proposed.
    pub(super) fn forecast(self) -> Option<Forecast> {
        let conditions = self.thresholds.conditions(self.live, self.bench)?;
        let (from_ms, to_ms) = self.window();
        let truth = self.kind(&self.path) == Kind::Truth;
        let of = |course: &Course<'_>| Forecast::new(&conditions, course.parts(from_ms, to_ms), truth, to_ms);
        self.with_course(&self.path, of).flatten()
    }
}
