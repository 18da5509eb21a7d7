use super::scale::{TimeScale, ValueScale};

/// Height of a lane, in CSS pixels.
const LANE: f64 = 22.0;

/// Where on a chart its values are drawn, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Plot {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    /// Without the lanes below.
    pub(crate) height: f64,
    lanes: usize,
}

impl Plot {
    /// Below this nothing can be read.
    const SMALLEST: (f64, f64) = (40.0, 30.0);

    /// Room on the right of a chart that has nothing there, an axis, or handles of levels.
    pub(crate) const EDGE: f64 = 14.0;
    pub(crate) const AXIS: f64 = 52.0;
    pub(crate) const HANDLES: f64 = 68.0;

    /// What axes, labels and lanes leave of a chart; none if it is too small to draw on.
    pub(crate) fn new((width, height): (f64, f64), right: f64, lanes: usize) -> Option<Self> {
        let (left, top, bottom) = (52.0, 24.0, 24.0);
        let plot = Self {
            left,
            top,
            width: width - left - right,
            height: height - top - bottom - lanes as f64 * LANE,
            lanes,
        };
        (plot.width >= Self::SMALLEST.0 && plot.height >= Self::SMALLEST.1).then_some(plot)
    }

    /// Height of a chart that has nothing but lanes.
    pub(crate) fn height_of_lanes(lanes: usize) -> f64 {
        48.0 + Self::SMALLEST.1 + lanes as f64 * LANE
    }

    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Where the values end and the lanes begin.
    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Where the time axis is.
    pub(crate) fn floor(&self) -> f64 {
        self.bottom() + self.lanes as f64 * LANE
    }

    /// Upper and lower edge of a lane.
    pub(crate) fn lane(&self, index: usize) -> (f64, f64) {
        let top = self.bottom() + index as f64 * LANE;
        (top + 4.0, top + LANE)
    }

    pub(crate) fn x(&self, times: &TimeScale, at_ms: f64) -> f64 {
        // Far outside, coordinates lose their precision.
        self.left + times.position(at_ms).clamp(-8.0, 8.0) * self.width
    }

    pub(crate) fn y(&self, values: &ValueScale, value: f64) -> f64 {
        self.top + (1.0 - values.position(value)) * self.height
    }

    /// A place as a part of the width; outside it is below 0 or above 1.
    pub(crate) fn part(&self, x: f64) -> f64 {
        (x - self.left) / self.width.max(1.0)
    }

    /// How high a place is, as a part of the height.
    pub(crate) fn part_above(&self, y: f64) -> f64 {
        1.0 - (y - self.top) / self.height.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_axes_and_lanes_leave() {
        assert_eq!(Plot::new((60.0, 300.0), Plot::EDGE, 0), None);
        assert_eq!(Plot::new((600.0, 60.0), Plot::EDGE, 0), None);
        assert!(Plot::new((600.0, Plot::height_of_lanes(3)), Plot::EDGE, 3).is_some());
        let plot = Plot::new((600.0, 300.0), Plot::AXIS, 2).unwrap();
        assert_eq!((plot.left, plot.right(), plot.top), (52.0, 548.0, 24.0));
        assert_eq!((plot.bottom(), plot.floor()), (232.0, 276.0));
        assert_eq!(plot.lane(1), (258.0, 276.0));
        assert_eq!((plot.part(52.0), plot.part(548.0)), (0.0, 1.0));
        assert_eq!((plot.part_above(24.0), plot.part_above(232.0)), (1.0, 0.0));
        let (times, values) = (TimeScale::new(0.0, 100.0, 5), ValueScale::new(0.0, 10.0, 5));
        assert_eq!((plot.x(&times, 50.0), plot.y(&values, 10.0)), (300.0, 24.0));
    }
}
