//! Which stretch of time a chart shows, and how it is moved.

/// No shorter stretch is shown: values have times in milliseconds.
pub(crate) const SPAN_MIN_MS: f64 = 1_000.0;

/// No longer one: more than any server keeps.
pub(crate) const SPAN_MAX_MS: f64 = 10.0 * 366.0 * 86_400_000.0;

/// What is shown until somebody wants something else.
pub(crate) const SPAN_DEFAULT_MS: f64 = 300_000.0;

/// So near to the present, as a part of the span, a view counts as one of the present.
const NEAR: f64 = 0.005;

/// What a chart shows. Whatever is asked of it, its times are finite and its span lies within the limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TimeView {
    /// So much up to the present, and on with it.
    Following { span_ms: f64 },
    /// A stretch of the past.
    Fixed { from_ms: f64, to_ms: f64 },
}

impl Default for TimeView {
    fn default() -> Self {
        Self::Following { span_ms: SPAN_DEFAULT_MS }
    }
}

impl TimeView {
    pub(crate) fn following(span_ms: f64) -> Self {
        Self::Following { span_ms: bounded_span(span_ms) }
    }

    /// A stretch that ends no later than now; one that would is moved back, and follows from there.
    pub(crate) fn between(from_ms: f64, to_ms: f64, now_ms: f64) -> Self {
        if !(from_ms.is_finite() && to_ms.is_finite() && now_ms.is_finite()) {
            return Self::default();
        }
        let span_ms = bounded_span(to_ms - from_ms);
        // Around the middle, when the limits made it longer or shorter.
        Self::ending((from_ms + to_ms + span_ms) / 2.0, span_ms, now_ms)
    }

    fn ending(to_ms: f64, span_ms: f64, now_ms: f64) -> Self {
        if to_ms >= now_ms - span_ms * NEAR {
            return Self::Following { span_ms };
        }
        let to_ms = to_ms.max(span_ms);
        Self::Fixed { from_ms: to_ms - span_ms, to_ms }
    }

    pub(crate) const fn is_following(self) -> bool {
        matches!(self, Self::Following { .. })
    }

    pub(crate) fn span_ms(self) -> f64 {
        match self {
            Self::Following { span_ms } => span_ms,
            Self::Fixed { from_ms, to_ms } => to_ms - from_ms,
        }
    }

    /// From when to when.
    pub(crate) fn window(self, now_ms: f64) -> (f64, f64) {
        match self {
            Self::Following { span_ms } => (now_ms - span_ms, now_ms),
            Self::Fixed { from_ms, to_ms } => (from_ms, to_ms),
        }
    }

    /// Shows `factor` times as much; the time `about_ms` stays where it is.
    pub(crate) fn zoomed(self, factor: f64, about_ms: f64, now_ms: f64) -> Self {
        if !(factor.is_finite() && factor > 0.0 && about_ms.is_finite()) {
            return self;
        }
        let (from_ms, to_ms) = self.window(now_ms);
        let span_ms = bounded_span((to_ms - from_ms) * factor);
        let part = ((about_ms - from_ms) / (to_ms - from_ms)).clamp(0.0, 1.0);
        let from_ms = about_ms.clamp(from_ms, to_ms) - part * span_ms;
        Self::between(from_ms, from_ms + span_ms, now_ms)
    }

    /// Zoomed about its middle, or about the present if it follows it.
    pub(crate) fn zoomed_in_place(self, factor: f64, now_ms: f64) -> Self {
        let (from_ms, to_ms) = self.window(now_ms);
        let about_ms = if self.is_following() { to_ms } else { (from_ms + to_ms) / 2.0 };
        self.zoomed(factor, about_ms, now_ms)
    }

    /// Moved by so many of its spans: to later times if positive.
    pub(crate) fn panned(self, spans: f64, now_ms: f64) -> Self {
        if !spans.is_finite() {
            return self;
        }
        let ((_, to_ms), span_ms) = (self.window(now_ms), self.span_ms());
        Self::ending(to_ms + spans * span_ms, span_ms, now_ms)
    }

    /// The same span up to the present.
    pub(crate) fn at_the_end(self) -> Self {
        Self::following(self.span_ms())
    }

    /// The same span, beginning with the oldest value there is.
    pub(crate) fn at_the_beginning(self, oldest_ms: f64, now_ms: f64) -> Self {
        // A little air, so that the first value is not on the edge.
        let from_ms = oldest_ms - self.span_ms() * 0.02;
        Self::between(from_ms, from_ms + self.span_ms(), now_ms)
    }

    /// As a link has it: `span=300000`, or `from=…&to=…` in milliseconds since 1970.
    pub(crate) fn query(self) -> String {
        match self {
            Self::Following { span_ms } => format!("span={span_ms:.0}"),
            Self::Fixed { from_ms, to_ms } => format!("from={from_ms:.0}&to={to_ms:.0}"),
        }
    }

    /// What a link says; none when it says nothing of it or nothing sensible.
    pub(crate) fn of_query(parameter: impl Fn(&str) -> Option<String>, now_ms: f64) -> Option<Self> {
        let number = |name: &str| parameter(name)?.parse::<f64>().ok().filter(|number| number.is_finite());
        match (number("from"), number("to")) {
            (Some(from_ms), Some(to_ms)) if from_ms < to_ms => Some(Self::between(from_ms, to_ms, now_ms)),
            _ => number("span").map(Self::following),
        }
    }
}

fn bounded_span(span_ms: f64) -> f64 {
    if span_ms.is_nan() { SPAN_DEFAULT_MS } else { span_ms.clamp(SPAN_MIN_MS, SPAN_MAX_MS) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW_MS: f64 = 1_795_680_000_000.0;

    fn fixed(from_ago_s: f64, to_ago_s: f64) -> TimeView {
        TimeView::Fixed { from_ms: NOW_MS - from_ago_s * 1e3, to_ms: NOW_MS - to_ago_s * 1e3 }
    }

    #[test]
    fn panned_to_the_end_it_follows_with_the_same_span() {
        let view = TimeView::following(60e3);
        let past = view.panned(-2.0, NOW_MS);
        assert_eq!(past, fixed(180.0, 120.0));
        assert_eq!(past.panned(1.0, NOW_MS), fixed(120.0, 60.0));
        assert_eq!(past.panned(2.0, NOW_MS), view);
        assert_eq!(past.panned(1e300, NOW_MS), view);
        assert_eq!(past.at_the_end(), view);
        assert_eq!(view.panned(5.0, NOW_MS), view);
    }

    #[test]
    fn what_the_pointer_is_on_stays() {
        let view = fixed(300.0, 200.0);
        let about_ms = NOW_MS - 275e3;
        let near = view.zoomed(0.5, about_ms, NOW_MS);
        assert_eq!(near, fixed(287.5, 237.5));
        assert_eq!(near.zoomed(2.0, about_ms, NOW_MS), view);
        // Out over the end: from there on it follows.
        assert_eq!(view.zoomed(100.0, about_ms, NOW_MS), TimeView::following(10_000e3));
        // A live chart leaves the present only when one looks at something earlier.
        let live = TimeView::following(100e3);
        assert_eq!(live.zoomed_in_place(0.5, NOW_MS), TimeView::following(50e3));
        assert_eq!(live.zoomed(0.5, NOW_MS - 100e3, NOW_MS), fixed(100.0, 50.0));
    }

    #[test]
    fn the_beginning_is_shown_with_what_follows_it() {
        let view = TimeView::following(100e3);
        assert_eq!(view.at_the_beginning(NOW_MS - 1000e3, NOW_MS), fixed(1002.0, 902.0));
        assert_eq!(view.at_the_beginning(NOW_MS - 10e3, NOW_MS), view, "there is less than a span");
    }

    #[test]
    fn a_link_leads_to_the_same_view() {
        for view in [TimeView::default(), fixed(300.0, 100.0), TimeView::following(1e99)] {
            let query = view.query();
            let parameter = |name: &str| {
                let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
            };
            assert_eq!(TimeView::of_query(parameter, NOW_MS), Some(view), "{query}");
        }
        for (from, to) in [("inf", "1"), ("NaN", "NaN"), ("5", "5"), ("x", "7")] {
            let parameter = |name: &str| match name {
                "from" => Some(from.to_owned()),
                "to" => Some(to.to_owned()),
                _ => None,
            };
            assert_eq!(TimeView::of_query(parameter, NOW_MS), None);
        }
    }

    proptest! {
        #[test]
        fn it_stays_within_its_limits_whatever_is_done(
            steps in proptest::collection::vec((0..5, any::<f64>(), any::<f64>()), 0..20),
        ) {
            let mut view = TimeView::default();
            for (step, one, other) in steps {
                view = match step {
                    0 => view.zoomed(one, other, NOW_MS),
                    1 => view.panned(one, NOW_MS),
                    2 => TimeView::between(one, other, NOW_MS),
                    3 => view.at_the_beginning(one, NOW_MS),
                    _ => view.zoomed_in_place(one, NOW_MS),
                };
                let (from_ms, to_ms) = view.window(NOW_MS);
                prop_assert!(from_ms.is_finite() && to_ms.is_finite(), "{:?}", view);
                prop_assert!(to_ms <= NOW_MS, "{:?}", view);
                // Large times are as exact as they can be.
                let span_ms = to_ms - from_ms;
                prop_assert!((SPAN_MIN_MS - 1.0..=SPAN_MAX_MS + 1.0).contains(&span_ms), "{:?}", view);
            }
        }
    }
}
