use super::{Carried, Spot};

/// How far a pointer moves before that is a drag, in CSS pixels.
const THRESHOLD_PX: f64 = 5.0;

/// A permission under a pointer. What the browser sees of the pointer comes in, what there is to do comes out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Drag {
    #[default]
    Idle,
    Pressed(Press),
    Dragging {
        pointer: i32,
        carried: Carried,
        over: Option<Spot>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Press {
    pointer: i32,
    carried: Carried,
    at: (f64, f64),
    /// A finger scrolls when it moves: it has to rest on the permission first.
    finger: bool,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Turn {
    Nothing,
    /// Come back after a short while with [`Drag::rested`].
    Wait,
    /// The permission follows the pointer from now on.
    Begin(Carried),
    /// It is over something else now.
    Over(Option<Spot>),
    /// It is over there; none is outside of the matrix.
    Drop(Carried, Option<Spot>),
    /// It goes back to where it came from.
    Cancel,
}

impl Drag {
    pub(crate) fn pressed(&mut self, pointer: i32, carried: Carried, at: (f64, f64), finger: bool) -> Turn {
        // A second finger is not another drag.
        if *self != Self::Idle {
            return Turn::Nothing;
        }
        *self = Self::Pressed(Press { pointer, carried, at, finger });
        if finger { Turn::Wait } else { Turn::Nothing }
    }

    /// The finger has not moved for a while.
    pub(crate) fn rested(&mut self, pointer: i32) -> Turn {
        match *self {
            Self::Pressed(press) if press.finger && press.pointer == pointer => self.begin(press),
            _ => Turn::Nothing,
        }
    }

    /// `over`: what is under the pointer.
    pub(crate) fn moved(
        &mut self,
        pointer: i32,
        at: (f64, f64),
        over: impl FnOnce() -> Option<Spot>,
    ) -> Turn {
        match self {
            Self::Pressed(press) if press.pointer == pointer => {
                if (at.0 - press.at.0).hypot(at.1 - press.at.1) < THRESHOLD_PX {
                    return Turn::Nothing;
                }
                if press.finger {
                    *self = Self::Idle;
                    return Turn::Nothing;
                }
                let press = *press;
                self.begin(press)
            }
            Self::Dragging { pointer: dragging, over: before, .. } if *dragging == pointer => {
                let over = over();
                if std::mem::replace(before, over) == over { Turn::Nothing } else { Turn::Over(over) }
            }
            _ => Turn::Nothing,
        }
    }

    pub(crate) fn released(&mut self, pointer: i32, over: impl FnOnce() -> Option<Spot>) -> Turn {
        match *self {
            Self::Dragging { pointer: dragging, carried, .. } if dragging == pointer => {
                *self = Self::Idle;
                Turn::Drop(carried, over())
            }
            Self::Pressed(press) if press.pointer == pointer => {
                *self = Self::Idle;
                Turn::Nothing
            }
            _ => Turn::Nothing,
        }
    }

    /// Escape, or the browser took the pointer.
    pub(crate) fn cancelled(&mut self) -> Turn {
        match std::mem::take(self) {
            Self::Dragging { .. } => Turn::Cancel,
            _ => Turn::Nothing,
        }
    }

    pub(crate) const fn is_dragging(&self) -> bool {
        matches!(self, Self::Dragging { .. })
    }

    fn begin(&mut self, press: Press) -> Turn {
        *self = Self::Dragging { pointer: press.pointer, carried: press.carried, over: None };
        Turn::Begin(press.carried)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_control::Tile;

    const CARRIED: Carried = Carried { tile: Tile::RIGHTS[0], from: Some((3, 101)) };
    const CELL: Option<Spot> = Some(Spot::Cell { id: 1, server: 102 });

    #[test]
    fn a_mouse_drags_after_a_few_pixels() {
        let mut drag = Drag::default();
        assert_eq!(drag.pressed(1, CARRIED, (10.0, 10.0), false), Turn::Nothing);
        assert_eq!(drag.moved(1, (12.0, 12.0), || CELL), Turn::Nothing);
        assert_eq!(drag.moved(1, (14.0, 14.0), || CELL), Turn::Begin(CARRIED));
        assert_eq!(drag.moved(1, (20.0, 14.0), || CELL), Turn::Over(CELL));
        assert_eq!(drag.moved(1, (21.0, 14.0), || CELL), Turn::Nothing, "still the same cell");
        assert_eq!(drag.moved(2, (99.0, 14.0), || None), Turn::Nothing, "another pointer");
        assert_eq!(drag.released(1, || CELL), Turn::Drop(CARRIED, CELL));
        assert_eq!(drag, Drag::Idle);
    }

    #[test]
    fn a_click_is_no_drag() {
        let mut drag = Drag::default();
        drag.pressed(1, CARRIED, (10.0, 10.0), false);
        assert_eq!(drag.moved(1, (11.0, 10.0), || CELL), Turn::Nothing);
        assert_eq!(drag.released(1, || CELL), Turn::Nothing);
        assert_eq!(drag.released(1, || CELL), Turn::Nothing);
    }

    #[test]
    fn a_finger_rests_first_and_scrolls_otherwise() {
        let mut drag = Drag::default();
        assert_eq!(drag.pressed(1, CARRIED, (10.0, 10.0), true), Turn::Wait);
        assert_eq!(drag.moved(1, (10.0, 40.0), || CELL), Turn::Nothing);
        assert_eq!((drag.rested(1), drag), (Turn::Nothing, Drag::Idle));
        drag.pressed(1, CARRIED, (10.0, 10.0), true);
        assert_eq!(drag.pressed(2, CARRIED, (50.0, 10.0), true), Turn::Nothing, "a second finger");
        assert_eq!((drag.rested(2), drag.rested(1)), (Turn::Nothing, Turn::Begin(CARRIED)));
        assert_eq!(drag.released(1, || None), Turn::Drop(CARRIED, None));
    }

    #[test]
    fn it_can_be_given_up() {
        let mut drag = Drag::default();
        drag.pressed(1, CARRIED, (0.0, 0.0), false);
        drag.moved(1, (9.0, 0.0), || CELL);
        assert!(drag.is_dragging());
        assert_eq!((drag.cancelled(), drag.cancelled()), (Turn::Cancel, Turn::Nothing));
        assert_eq!(drag.released(1, || CELL), Turn::Nothing);
    }
}
