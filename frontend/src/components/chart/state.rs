use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use lwm2m_codec::{Path, Value, ValueType};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::thresholds::Thresholds;
use crate::chart::{
    Course, Forecast, Heard, Kind, Mark, Plot, Pyramid, Sample, Stretch, Summary, Texts, TimeView,
    ValueScale, read_out,
};
use crate::enumeration;
use crate::live::{Device, DeviceKey, Live, Target, TargetMap};

/// What the parts of a chart share.
#[derive(Clone, Copy)]
pub(crate) struct ChartState {
    pub(crate) live: Live,
    /// The client whose page this is on: its Resources need no name of a client.
    pub(super) home: Option<DeviceKey>,
    /// The first of them: what keys step through, and whose levels are shown.
    pub(crate) primary: Target,
    /// What is shown.
    pub(crate) targets: Memo<Vec<Target>>,
    /// Which time is shown.
    pub(crate) view: RwSignal<TimeView>,
    /// The time that is read out: on all charts that share it.
    pub(crate) hover: RwSignal<Option<f64>>,
    /// Where the values are on the canvas, as it was drawn.
    pub(crate) plot: RwSignal<Plot>,
    /// The vertical axis of the first Resource as it was drawn.
    pub(crate) scale: RwSignal<Option<ValueScale>>,
    pub(crate) thresholds: Thresholds,
    /// Whether levels have handles, which need room.
    pub(super) has_handles: bool,
    pub(super) canvas: NodeRef<html::Canvas>,
    /// What the server has kept, as far as it was asked for.
    pub(super) stored: RwSignal<TargetMap<Arc<Stretch>>>,
    /// What Resources said that say texts.
    pub(super) texts: RwSignal<TargetMap<Texts>>,
    /// Summaries of what was heard.
    pyramids: StoredValue<TargetMap<Pyramid>>,
    /// When the first device was bootstrapped.
    pub(super) bootstraps: RwSignal<Vec<Mark>>,
    announcement: RwSignal<String>,
}

/// What a page has in common with its charts.
#[derive(Clone, Copy)]
pub(crate) struct ChartPage {
    pub(crate) live: Live,
    pub(crate) home: Option<DeviceKey>,
    pub(crate) view: RwSignal<TimeView>,
    pub(crate) hover: RwSignal<Option<f64>>,
    pub(crate) announcement: RwSignal<String>,
}

impl ChartState {
    pub(crate) fn new(page: ChartPage, primary: Target, targets: Memo<Vec<Target>>) -> Self {
        let ChartPage { live, home, view, hover, announcement } = page;
        Self {
            live,
            home,
            primary,
            targets,
            view,
            hover,
            plot: RwSignal::default(),
            scale: RwSignal::default(),
            thresholds: Thresholds::new(primary),
            has_handles: home.is_some(),
            canvas: NodeRef::new(),
            stored: RwSignal::default(),
            texts: RwSignal::default(),
            pyramids: StoredValue::default(),
            bootstraps: RwSignal::default(),
            announcement,
        }
    }

    pub(super) fn has_focus(self) -> bool {
        let canvas = self.canvas.get_untracked();
        let focused = document().active_element();
        focused.is_some() && canvas.map(|canvas| canvas.unchecked_into::<Element>()) == focused
    }

    pub(crate) fn announce(self, text: String) {
        self.announcement.set(text);
    }

    /// Looks again when a value comes.
    pub(crate) fn track_values(self) {
        for target in self.targets.get() {
            self.live.watch_of(target).track();
        }
    }

    /// Looks again when the server has told what it has kept.
    pub(crate) fn track_stored(self) {
        self.stored.track();
        self.texts.track();
    }

    /// The server's clock, or the newest value when that is ahead of it.
    pub(crate) fn now_ms(self) -> f64 {
        let now_ms = self.live.now_ms.get() as f64;
        let newest = |target: &Target| {
            let newest = |device: &Device| device.history(&target.path)?.newest_ms();
            self.live.with_device_of(target.device, newest).flatten()
        };
        self.targets.with(|targets| targets.iter().filter_map(newest).fold(now_ms, f64::max))
    }

    /// From when to when is shown. One that stands still does not look again with every second.
    pub(crate) fn window(self) -> (f64, f64) {
        let view = self.view.get();
        view.window(if view.is_following() { self.now_ms() } else { 0.0 })
    }

    /// What is known of one of the Resources.
    pub(crate) fn with_course<R>(self, target: &Target, f: impl FnOnce(&Course<'_>) -> R) -> Option<R> {
        self.stored.with(|stored| {
            let stored = stored.get(target).map(AsRef::as_ref);
            self.live.with_device_of(target.device, |device| {
                let pmax_s = device.effective_attributes(&target.path, None).pmax_in_force();
                let pmax_ms = pmax_s.map(|pmax_s| f64::from(pmax_s) * 1000.0);
                let breaks = || self.breaks(device, target);
                if self.is_text(target) {
                    return self.texts.with(|texts| {
                        let (points, revision) = texts
                            .get(target)
                            .map_or((&[][..], 0), |texts| (texts.points(), texts.revision()));
                        self.with_heard(target, (points, revision, &[]), |heard| {
                            f(&Course::new(None, heard, pmax_ms).broken_at(breaks()))
                        })
                    });
                }
                let heard = device.history(&target.path);
                let heard = heard.map_or((&[][..], 0, &[][..]), |history| {
                    (history.points(), history.revision(), history.gaps())
                });
                self.with_heard(target, heard, |heard| {
                    f(&Course::new(stored, heard, pmax_ms).broken_at(breaks()))
                })
            })
        })
    }

    /// Before the observation nobody listened, and while the server was away neither.
    fn breaks(self, device: &Device, target: &Target) -> impl Iterator<Item = f64> + use<> {
        let started_ms = self.live.server.with_untracked(|server| Some(server.as_ref()?.started_at_ms));
        // The first value comes with the observation itself.
        let before_ms = device.reported_since(&target.path).map(|since_ms| since_ms as f64 - 1.0);
        started_ms.map(|started_ms| started_ms as f64).into_iter().chain(before_ms)
    }

    /// Whether its newest value is believed as long as no other comes.
    pub(super) fn is_reported(self, target: &Target) -> bool {
        let reported = |device: &Device| device.reported_since(&target.path).is_some();
        self.live.with_device_of(target.device, reported).unwrap_or(false)
    }

    /// With summaries of points, their revision, and gaps.
    fn with_heard<R>(
        self,
        target: &Target,
        (points, revision, gaps): (&[(f64, f64)], u32, &[f64]),
        f: impl FnOnce(Option<Heard<'_>>) -> R,
    ) -> R {
        self.pyramids.update_value(|pyramids| {
            pyramids.get_or_insert(*target, Pyramid::default).catch_up(points, revision);
        });
        self.pyramids
            .with_value(|pyramids| f(pyramids.get(target).map(|pyramid| Heard { points, pyramid, gaps })))
    }

    /// Of what is shown of it.
    pub(crate) fn summary(self, target: &Target) -> Option<Summary> {
        let (from_ms, to_ms) = self.window();
        self.with_course(target, |course| course.summary(from_ms, to_ms)).flatten()
    }

    /// What is shown as numbers, oldest first.
    pub(crate) fn samples(self) -> Vec<Sample> {
        let (from_ms, to_ms) = self.window();
        let mut samples = Vec::new();
        for target in self.targets.get() {
            let units = self.unit(&target);
            let text = self.is_text(&target).then(|| self.kind(&target));
            let endpoint: Arc<str> = self.endpoint(&target).into();
            let sample = |part: Summary| {
                let text = text.as_ref().map(|kind| kind.name(part.last.1));
                let (endpoint, units) = (Arc::clone(&endpoint), units.clone());
                Sample { target, endpoint, part, units, text }
            };
            self.with_course(&target, |course| samples.extend(course.parts(from_ms, to_ms).map(sample)));
        }
        samples.sort_by(|a, b| a.part.first.0.total_cmp(&b.part.first.0));
        samples
    }

    /// The unit of its values, as people write it.
    pub(crate) fn unit(self, target: &Target) -> String {
        self.live.unit_of(target)
    }

    /// What its axis is marked with. Half of the sensors tell their unit only when they are asked for it: one that has not
    /// told it yet has the axis of the same Resource of another device.
    pub(super) fn axis(self, target: &Target) -> String {
        let own = self.unit(target);
        if !own.is_empty() {
            return own;
        }
        let kind = |path: &Path| (path.object_id(), path.resource_id());
        let alike = |other: &&Target| kind(&other.path) == kind(&target.path);
        self.targets.with(|targets| {
            let mut units = targets.iter().filter(alike).map(|other| self.unit(other));
            units.find(|units| !units.is_empty()).unwrap_or_default()
        })
    }

    pub(crate) fn endpoint(self, target: &Target) -> String {
        self.live.with_device_of(target.device, |device| device.endpoint.clone()).unwrap_or_default()
    }

    /// What a client is called, where it is not the one of the page.
    pub(crate) fn device_name(self, target: &Target) -> Option<String> {
        (self.home != Some(target.device)).then(|| self.live.name_of(target.device))
    }

    /// `/3303/0/5700`, and whose it is where that is not clear.
    pub(crate) fn name(self, target: &Target) -> String {
        match self.device_name(target) {
            Some(device) => format!("{} of {device}", target.path),
            None => target.path.to_string(),
        }
    }

    /// What it is: a quantity, or states.
    pub(crate) fn kind(self, target: &Target) -> Kind {
        match self.value_type(target) {
            Some(ValueType::Boolean) => return Kind::Truth,
            Some(ValueType::String) => {
                let names = self.texts.with(|texts| texts.get(target).map(Texts::names));
                return Kind::States(names.unwrap_or_default());
            }
            _ => {}
        }
        let range = self.live.definition_of(target).map(|definition| definition.range).unwrap_or_default();
        let names = enumeration::of(&target.path, &range);
        if names.is_empty() { Kind::Quantity } else { Kind::States(names) }
    }

    pub(crate) fn is_text(self, target: &Target) -> bool {
        self.value_type(target) == Some(ValueType::String)
    }

    /// As its value came, or else as it is defined.
    fn value_type(self, target: &Target) -> Option<ValueType> {
        let told = |device: &Device| match device.cell(&target.path)?.content.single()? {
            Value::Boolean(_) => Some(ValueType::Boolean),
            Value::String(_) => Some(ValueType::String),
            _ => Some(ValueType::Float),
        };
        let told = self.live.with_device_of(target.device, told).flatten();
        told.or_else(|| self.live.definition_of(target)?.value_type)
    }

    /// A part of its course in words.
    pub(crate) fn told(self, target: &Target, part: &Summary) -> String {
        match self.kind(target) {
            kind if kind.is_lane() && part.low == part.high => kind.name(part.last.1),
            _ => read_out(part, &self.unit(target)),
        }
    }

    /// What of it would have been notified with the levels as they are proposed.
    pub(crate) fn forecast(self) -> Option<Forecast> {
        let conditions = self.thresholds.conditions(self.live)?;
        let (from_ms, to_ms) = self.window();
        let truth = self.kind(&self.primary) == Kind::Truth;
        let of = |course: &Course<'_>| Forecast::new(&conditions, course.parts(from_ms, to_ms), truth, to_ms);
        self.with_course(&self.primary, of).flatten()
    }
}
