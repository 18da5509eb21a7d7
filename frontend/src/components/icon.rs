use leptos::prelude::*;

/// Line drawings on a 16 × 16 grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Fleet,
    Search,
    Read,
    Write,
    Execute,
    Observe,
    Cancel,
    Discover,
    Chevron,
    Close,
    Back,
    Help,
    System,
    Light,
    Dark,
    Copy,
    Add,
    Warning,
    Objects,
    Trace,
    Server,
    More,
    Tag,
    Delete,
    Download,
    Upload,
    Pause,
    Columns,
    Queue,
    Lock,
    Bootstrap,
    Rights,
    Undo,
    Redo,
    Boards,
    Move,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Boards => "M2.5 3.5h6v5h-6zM10.5 3.5h3v5h-3zM2.5 10.5h3v2h-3zM7.5 10.5h6v2h-6z",
            Self::Move => "M8 2v12M2 8h12M6 4l2-2 2 2M6 12l2 2 2-2M4 6 2 8l2 2M12 6l2 2-2 2",
            Self::Fleet => "M2.5 3.5h11v3h-11zM2.5 9.5h11v3h-11zM5 5h.01M5 11h.01",
            Self::Search => "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.5 10.5 13.5 13.5",
            Self::Read => "M13 8a5 5 0 1 1-1.5-3.6M13 2.5v3h-3",
            Self::Write => "M3 13l.7-3L10.8 2.9a1.2 1.2 0 0 1 1.7 0l.6.6a1.2 1.2 0 0 1 0 1.7L6 12.3z",
            Self::Execute => "M5 3.2v9.6L12.6 8z",
            Self::Observe => {
                "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6"
            }
            Self::Cancel => {
                "M2.5 2.5l11 11M6.2 4a6 6 0 0 1 1.8-.3C12 3.7 14.5 8 14.5 8a11 11 0 0 1-2 2.5M10 12.1a6 6 0 0 1-2 .3C4 12.4 1.5 8 1.5 8a11 11 0 0 1 2.3-2.8"
            }
            Self::Discover => "M3 3.5h3M3 8h3M3 12.5h3M8.5 3.5H13M8.5 8H13M8.5 12.5H13",
            Self::Chevron => "M6 4l4 4-4 4",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Back => "M10 3.5 5.5 8l4.5 4.5",
            Self::Help => "M6 6.2a2 2 0 1 1 2.8 1.9c-.5.2-.8.6-.8 1.1v.3M8 12h.01",
            Self::System => "M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13",
            Self::Light => {
                "M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1"
            }
            Self::Dark => "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6",
            Self::Copy => "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2",
            Self::Add => "M8 3v10M3 8h10",
            Self::Objects => "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.2v6",
            Self::Trace => "M1.5 8h3l2-5 3 10 2-5h3",
            Self::Server => "M3 2.5h10v4.5H3zM3 9h10v4.5H3zM5.5 4.8h.01M5.5 11.3h.01",
            Self::More => "M3.5 8h.01M8 8h.01M12.5 8h.01",
            Self::Tag => "M2.5 2.5h5l6 6-5 5-6-6zM5.2 5.2h.01",
            Self::Delete => "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
            Self::Download => "M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M3 13.5h10",
            Self::Upload => "M8 10.7v-8M4.8 5.9 8 2.7l3.2 3.2M3 13.5h10",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Columns => "M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9",
            Self::Queue => "M2.5 4h8M2.5 8h5M2.5 12h5M11.5 6.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M11.5 8v1.6l1 .8",
            Self::Lock => "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2M8 9.5v1.5",
            Self::Bootstrap => {
                "M3.5 2v12M12.5 2v12M3.5 5h9M10 2.8 12.5 5 10 7.2M12.5 11h-9M6 8.8 3.5 11 6 13.2"
            }
            Self::Rights => "M2.5 3h11v10h-11zM2.5 6.3h11M6.2 3v10M8.3 9.5l1.2 1.2 2.2-2.4",
            Self::Undo => "M5.5 3 2.5 6l3 3M2.8 6h6.4a3.6 3.6 0 0 1 0 7.2H6.5",
            Self::Redo => "M10.5 3l3 3-3 3M13.2 6H6.8a3.6 3.6 0 0 0 0 7.2h2.7",
            Self::Warning => "M8 2.5 14 13H2zM8 6.5v3M8 11.3h.01",
        }
    }
}

/// A drawing beside a name; screen readers skip it.
#[component]
pub(crate) fn Glyph(icon: Icon, #[prop(optional)] class: &'static str) -> impl IntoView {
    view! {
        <svg class=format!("icon {class}") viewBox="0 0 16 16" aria-hidden="true">
            <path d=icon.path() />
        </svg>
    }
}
