//! Light, dark, or as the system says.

use leptos::prelude::*;

use crate::browser;

const KEY: &str = "theme";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The remembered choice, put into effect.
    pub(crate) fn start() -> RwSignal<Self> {
        let theme = RwSignal::new(Self::parse(browser::remembered(KEY).as_deref()));
        Effect::new(move |before: Option<()>| {
            let theme = theme.get();
            browser::set_theme(theme.attribute());
            if before.is_some() {
                browser::remember(KEY, theme.name());
            }
        });
        theme
    }

    fn parse(name: Option<&str>) -> Self {
        match name {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }

    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_by_name_and_three_in_turn() {
        for theme in [Theme::System, Theme::Light, Theme::Dark] {
            assert_eq!(Theme::parse(Some(theme.name())), theme);
            assert_eq!(theme.next().next().next(), theme);
        }
        assert_eq!(Theme::parse(Some("purple")), Theme::System);
        assert_eq!((Theme::System.attribute(), Theme::Dark.attribute()), (None, Some("dark")));
    }
}
