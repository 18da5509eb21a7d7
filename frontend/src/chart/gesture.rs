//! Fingers and pointers on a chart: one pans, two pinch. Nothing here asks the browser.

/// Nearer than this, as a part of the width, two fingers tell no distance.
const APART_MIN: f64 = 0.02;

/// What a movement asks for; places are parts of the width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Movement {
    None,
    /// By so many widths, to later times if positive.
    Pan(f64),
    /// `factor` times as much around a place.
    Zoom {
        factor: f64,
        about: f64,
    },
}

/// What is pressed on the chart now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gesture {
    /// Which pointer, and where it is.
    pressed: Vec<(i32, f64)>,
}

impl Gesture {
    /// Whether another one changes anything: more than two fingers do not.
    pub(crate) fn press(&mut self, pointer: i32, at: f64) -> bool {
        self.release(pointer);
        let taken = self.pressed.len() < 2;
        if taken {
            self.pressed.push((pointer, at));
        }
        taken
    }

    pub(crate) fn release(&mut self, pointer: i32) {
        self.pressed.retain(|(known, _)| *known != pointer);
    }

    pub(crate) fn is_pressed(&self) -> bool {
        !self.pressed.is_empty()
    }

    pub(crate) fn moved(&mut self, pointer: i32, to: f64) -> Movement {
        let Some(moving) = self.pressed.iter_mut().find(|(known, _)| *known == pointer) else {
            return Movement::None;
        };
        let from = std::mem::replace(&mut moving.1, to);
        match self.pressed.iter().find(|(known, _)| *known != pointer) {
            None => Movement::Pan(from - to),
            Some((_, other)) => {
                let (before, after) = ((from - other).abs(), (to - other).abs());
                let told = before >= APART_MIN && after >= APART_MIN;
                if told { Movement::Zoom { factor: before / after, about: *other } } else { Movement::None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pans_and_two_pinch() {
        let mut gesture = Gesture::default();
        assert_eq!(gesture.moved(1, 0.5), Movement::None);
        assert!(gesture.press(1, 0.5));
        assert_eq!(gesture.moved(1, 0.25), Movement::Pan(0.25));
        assert!(gesture.press(2, 0.75));
        assert_eq!(gesture.moved(1, 0.5), Movement::Zoom { factor: 2.0, about: 0.75 });
        assert!(!gesture.press(3, 0.1));
        assert_eq!(gesture.moved(3, 0.2), Movement::None);
        gesture.release(1);
        assert_eq!(gesture.moved(2, 0.5), Movement::Pan(0.25));
        gesture.release(2);
        assert!(!gesture.is_pressed());
    }

    #[test]
    fn fingers_that_meet_zoom_to_nowhere() {
        let mut gesture = Gesture::default();
        gesture.press(1, 0.5);
        gesture.press(2, 0.6);
        assert_eq!(gesture.moved(2, 0.5), Movement::None);
        assert_eq!(gesture.moved(2, 0.6), Movement::None);
    }
}
