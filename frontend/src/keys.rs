//! What a key press means. No event types of the browser here, so that it can be tested.

/// How long `g` waits for its second key.
const SEQUENCE_MS: f64 = 1500.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Palette,
    /// The search of the page, or the palette when it has none.
    FocusSearch,
    Open(Place),
    Read,
    Write,
    Execute,
    Observe,
    Help,
    Close,
    /// One that some page may know.
    Letter(char),
}

/// A page that has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Fleet,
    Observations,
    Boards,
    Commands,
    Objects,
    Trace,
    AccessControl,
    Bootstrap,
    Security,
    Server,
}

/// A key press and where it happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Press<'a> {
    pub(crate) key: &'a str,
    /// Ctrl or Command is held.
    pub(crate) control: bool,
    pub(crate) alt: bool,
    /// The focus is in something that takes text.
    pub(crate) typing: bool,
    /// A modal dialog is open; it has the keys to itself.
    pub(crate) dialog: bool,
    pub(crate) at_ms: f64,
}

/// Remembers the first key of a sequence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keys {
    leader_at_ms: Option<f64>,
}

impl Keys {
    pub(crate) fn press(&mut self, press: Press<'_>) -> Option<Command> {
        let led = self.leader_at_ms.take().is_some_and(|at| press.at_ms - at <= SEQUENCE_MS);
        if press.dialog || press.alt {
            return None;
        }
        if press.control {
            return matches!(press.key, "k" | "K").then_some(Command::Palette);
        }
        if press.key == "Escape" {
            return Some(Command::Close);
        }
        if press.typing {
            return None;
        }
        if led {
            return place(press.key).map(Command::Open);
        }
        match press.key {
            "g" => {
                self.leader_at_ms = Some(press.at_ms);
                None
            }
            "/" => Some(Command::FocusSearch),
            "r" => Some(Command::Read),
            "w" => Some(Command::Write),
            "e" => Some(Command::Execute),
            "o" => Some(Command::Observe),
            "?" => Some(Command::Help),
            other => letter(other).map(Command::Letter),
        }
    }
}

/// The second key of `g …`.
fn place(key: &str) -> Option<Place> {
    Some(match key {
        "f" => Place::Fleet,
        "o" => Place::Observations,
        "w" => Place::Boards,
        "c" => Place::Commands,
        "d" => Place::Objects,
        "t" => Place::Trace,
        "a" => Place::AccessControl,
        "b" => Place::Bootstrap,
        "k" => Place::Security,
        "s" => Place::Server,
        _ => return None,
    })
}

/// Names of keys are words, letters are one character.
fn letter(key: &str) -> Option<char> {
    let mut characters = key.chars();
    let first = characters.next().filter(char::is_ascii_graphic)?;
    characters.next().is_none().then_some(first)
}

/// The keys as the help dialog lists them, by where they work.
pub(crate) const HELP: [(&str, &[(&str, &str)]); 4] = [
    (
        "Everywhere",
        &[
            ("Ctrl K", "Search everything, or run an action"),
            ("/", "Search this page"),
            ("g f", "Fleet"),
            ("g o", "Observations"),
            ("g w", "Boards"),
            ("g c", "Commands"),
            ("g d", "Objects: their definitions"),
            ("g t", "Trace"),
            ("g a", "Access control"),
            ("g b", "Bootstrap"),
            ("g k", "Security: keys and certificates"),
            ("g s", "Server"),
            ("?", "This list"),
            ("Esc", "Close, leave the field"),
        ],
    ),
    ("Tables and trees", &[("↑ ↓", "Move"), ("← →", "Collapse, expand"), ("Enter", "Open, select")]),
    (
        "Selected node of a device",
        &[
            ("r", "Read"),
            ("w", "Write"),
            ("e", "Execute"),
            ("o", "Observe, or cancel the observation"),
            ("Del", "Delete, in the tree"),
            ("Space", "Select for composite operations, in the tree"),
        ],
    ),
    (
        "Chart of a device",
        &[
            ("← →", "Move in time"),
            ("Shift ← →", "Read out value by value"),
            ("+ −", "Zoom"),
            ("Home 0", "Oldest value, back to now"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str) -> Press<'_> {
        Press { key, control: false, alt: false, typing: false, dialog: false, at_ms: 0.0 }
    }

    #[test]
    fn single_keys() {
        let mut keys = Keys::default();
        assert_eq!(keys.press(press("r")), Some(Command::Read));
        assert_eq!(keys.press(press("/")), Some(Command::FocusSearch));
        assert_eq!(keys.press(press("p")), Some(Command::Letter('p')));
        assert_eq!(keys.press(press("PageDown")), None);
        assert_eq!(keys.press(press(" ")), None);
        assert_eq!(keys.press(Press { control: true, ..press("k") }), Some(Command::Palette));
        assert_eq!(keys.press(Press { control: true, ..press("r") }), None, "reload belongs to the browser");
        assert_eq!(keys.press(Press { alt: true, ..press("r") }), None);
    }

    #[test]
    fn typing_keeps_its_letters_but_escape_and_the_palette_leave() {
        let mut keys = Keys::default();
        assert_eq!(keys.press(Press { typing: true, ..press("r") }), None);
        assert_eq!(keys.press(Press { typing: true, ..press("Escape") }), Some(Command::Close));
        assert_eq!(keys.press(Press { typing: true, control: true, ..press("k") }), Some(Command::Palette));
        assert_eq!(keys.press(Press { dialog: true, ..press("Escape") }), None, "the dialog closes itself");
    }

    #[test]
    fn a_sequence_expires() {
        let mut keys = Keys::default();
        assert_eq!(keys.press(press("g")), None);
        assert_eq!(keys.press(Press { at_ms: 400.0, ..press("f") }), Some(Command::Open(Place::Fleet)));
        assert_eq!(keys.press(press("f")), Some(Command::Letter('f')));
        keys.press(press("g"));
        assert_eq!(keys.press(Press { at_ms: 9000.0, ..press("f") }), Some(Command::Letter('f')));
        keys.press(press("g"));
        assert_eq!(keys.press(press("r")), None, "not a Read");
        assert_eq!(keys.press(press("r")), Some(Command::Read));
    }

    #[test]
    fn every_page_has_a_key_that_the_help_tells() {
        let mut keys = Keys::default();
        let places = HELP[0].1.iter().filter_map(|(shown, _)| shown.strip_prefix("g "));
        let opened: Vec<_> = places
            .map(|second| {
                keys.press(press("g"));
                keys.press(press(second))
            })
            .collect();
        let expected = [
            Place::Fleet,
            Place::Observations,
            Place::Boards,
            Place::Commands,
            Place::Objects,
            Place::Trace,
            Place::AccessControl,
            Place::Bootstrap,
            Place::Security,
            Place::Server,
        ];
        assert_eq!(opened, expected.map(|place| Some(Command::Open(place))));
    }
}
