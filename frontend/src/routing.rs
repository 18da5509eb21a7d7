//! Which page an address shows, and the address of a page.
//!
//! An Endpoint Client Name may hold any character, `/`, `%` and `"` included, so an address is matched before
//! it is decoded and decoded exactly once.

use leptos::ev::{self, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::browser;
use crate::memo::memo;

/// A page of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Fleet,
    Device {
        endpoint: String,
    },
    Observations,
    /// Pages of charts and values.
    Boards,
    Board {
        id: u64,
    },
    /// What was asked of one client, or of all.
    Commands {
        endpoint: Option<String>,
    },
    /// The object registry, with one definition open.
    Objects {
        id: Option<u16>,
    },
    /// Datagrams of one client, or of all.
    Trace {
        endpoint: Option<String>,
    },
    /// Credentials of one client, or of all.
    Security {
        endpoint: Option<String>,
    },
    /// Devices whose access control can be edited, templates, and changes of many.
    AccessControl,
    /// Who may do what on a device.
    AccessControlOf {
        endpoint: String,
    },
    /// Configurations of the Bootstrap-Server, and its sessions with one device or with all.
    Bootstrap {
        endpoint: Option<String>,
    },
    /// A configuration that is not saved yet, as another one is.
    NewBootstrapConfiguration {
        like: Option<u64>,
    },
    BootstrapConfiguration {
        id: u64,
    },
    /// A session, message by message.
    BootstrapSession {
        id: u64,
    },
    Server,
    NotFound,
}

impl Route {
    /// `address` as the browser has it, path and query: still percent-encoded.
    pub(crate) fn parse(address: &str) -> Self {
        let address = address.split('#').next().unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let path = path.strip_suffix('/').unwrap_or(path);
        match path {
            "" => Self::Fleet,
            "/observations" => Self::Observations,
            "/boards" => Self::Boards,
            "/objects" => Self::Objects { id: None },
            "/commands" => Self::Commands { endpoint: parameter(query, "endpoint") },
            "/trace" => Self::Trace { endpoint: parameter(query, "endpoint") },
            "/security" => Self::Security { endpoint: parameter(query, "endpoint") },
            "/access-control" => Self::AccessControl,
            "/bootstrap" => Self::Bootstrap { endpoint: parameter(query, "endpoint") },
            "/bootstrap/new" => Self::NewBootstrapConfiguration {
                like: parameter(query, "like").and_then(|id| id.parse().ok()),
            },
            "/server" => Self::Server,
            // A name of dots only would be a step in the path, so it stands in the query.
            "/clients/_" if parameter(query, "endpoint").is_some() => {
                Self::Device { endpoint: parameter(query, "endpoint").unwrap_or_default() }
            }
            "/access-control/_" if parameter(query, "endpoint").is_some() => {
                Self::AccessControlOf { endpoint: parameter(query, "endpoint").unwrap_or_default() }
            }
            _ => Self::named(path).unwrap_or(Self::NotFound),
        }
    }

    /// A page about something whose name is the last segment.
    fn named(path: &str) -> Option<Self> {
        if let Some(id) = path.strip_prefix("/objects/") {
            return Some(Self::Objects { id: Some(id.parse().ok()?) });
        }
        if let Some(id) = path.strip_prefix("/boards/") {
            return Some(Self::Board { id: id.parse().ok()? });
        }
        if let Some(id) = path.strip_prefix("/bootstrap/sessions/") {
            return Some(Self::BootstrapSession { id: id.parse().ok()? });
        }
        if let Some(id) = path.strip_prefix("/bootstrap/") {
            return Some(Self::BootstrapConfiguration { id: id.parse().ok()? });
        }
        let is_name = |segment: &&str| !segment.is_empty() && !segment.contains('/');
        if let Some(segment) = path.strip_prefix("/access-control/") {
            return Some(Self::AccessControlOf { endpoint: percent_decode(Some(segment).filter(is_name)?)? });
        }
        let segment = path.strip_prefix("/clients/").filter(is_name)?;
        Some(Self::Device { endpoint: percent_decode(segment)? })
    }

    pub(crate) fn address(&self) -> String {
        match self {
            Self::Fleet | Self::NotFound => "/".into(),
            Self::Device { endpoint } if matches!(endpoint.as_str(), "." | "..") => {
                format!("/clients/_?endpoint={endpoint}")
            }
            Self::Device { endpoint } => format!("/clients/{}", percent_encode(endpoint)),
            Self::Observations => "/observations".into(),
            Self::Boards => "/boards".into(),
            Self::Board { id } => format!("/boards/{id}"),
            Self::Objects { id: None } => "/objects".into(),
            Self::Objects { id: Some(id) } => format!("/objects/{id}"),
            Self::Commands { endpoint: None } => "/commands".into(),
            Self::Commands { endpoint: Some(endpoint) } => {
                format!("/commands?endpoint={}", percent_encode(endpoint))
            }
            Self::Trace { endpoint: None } => "/trace".into(),
            Self::Trace { endpoint: Some(endpoint) } => {
                format!("/trace?endpoint={}", percent_encode(endpoint))
            }
            Self::Security { endpoint: None } => "/security".into(),
            Self::Security { endpoint: Some(endpoint) } => {
                format!("/security?endpoint={}", percent_encode(endpoint))
            }
            Self::AccessControl => "/access-control".into(),
            Self::AccessControlOf { endpoint } if matches!(endpoint.as_str(), "." | "..") => {
                format!("/access-control/_?endpoint={endpoint}")
            }
            Self::AccessControlOf { endpoint } => format!("/access-control/{}", percent_encode(endpoint)),
            Self::Bootstrap { endpoint: None } => "/bootstrap".into(),
            Self::Bootstrap { endpoint: Some(endpoint) } => {
                format!("/bootstrap?endpoint={}", percent_encode(endpoint))
            }
            Self::NewBootstrapConfiguration { like: None } => "/bootstrap/new".into(),
            Self::NewBootstrapConfiguration { like: Some(id) } => format!("/bootstrap/new?like={id}"),
            Self::BootstrapConfiguration { id } => format!("/bootstrap/{id}"),
            Self::BootstrapSession { id } => format!("/bootstrap/sessions/{id}"),
            Self::Server => "/server".into(),
        }
    }
}

/// The value of a query parameter.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).and_then(|(_, value)| percent_decode(value))
}

/// The page that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    pub(crate) route: Memo<Route>,
    /// What the address has after `?`, for pages that say there what they show.
    pub(crate) query: RwSignal<String>,
    current: RwSignal<Route>,
}

impl Router {
    /// Reads the address, and follows the back and forward buttons and every link of this page.
    pub(crate) fn start() -> Self {
        let current = RwSignal::new(Route::NotFound);
        let router = Self { route: memo(move || current.get()), query: RwSignal::default(), current };
        router.show(&browser::address());
        let back = window_event_listener(ev::popstate, move |_| router.show(&browser::address()));
        let click = window_event_listener(ev::click, move |event| router.follow(&event));
        on_cleanup(move || {
            back.remove();
            click.remove();
        });
        router
    }

    pub(crate) fn open(self, route: Route) {
        self.go(&route.address());
    }

    /// The open page shows something else of the same. A `step` is one that the back button undoes.
    pub(crate) fn set_query(self, query: &str, step: bool) {
        let mark = if query.is_empty() { "" } else { "?" };
        let address = format!("{}{mark}{query}", browser::pathname());
        if step {
            browser::push_address(&address);
        } else {
            browser::replace_address(&address);
        }
        self.query.set(query.to_owned());
    }

    fn go(self, address: &str) {
        browser::push_address(address);
        // The page may have to look, too: at the part after `#`.
        browser::tell_address();
    }

    fn show(self, address: &str) {
        let without_fragment = address.split('#').next().unwrap_or_default();
        let query = without_fragment.split_once('?').map_or("", |(_, query)| query);
        self.query.set(query.to_owned());
        self.current.set(Route::parse(address));
    }

    /// A plain click on a link within the console changes the page without loading it anew.
    fn follow(self, event: &MouseEvent) {
        let plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if !plain || event.default_prevented() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = target.and_then(|element| element.closest("a[href]").ok().flatten());
        let address = link.and_then(|link| link.get_attribute("href"));
        // Only our own addresses begin with a single slash; what is served elsewhere is loaded.
        let Some(address) = address.filter(|address| address.starts_with('/') && !address.starts_with("//"))
        else {
            return;
        };
        if Route::parse(&address) != Route::NotFound {
            event.prevent_default();
            self.go(&address);
        }
    }
}

/// One path segment: everything but the unreserved characters of RFC 3986 §2.3 is escaped.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `None` when an escape is malformed or the bytes are not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high << 4 | low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_name_survives_its_address() {
        for endpoint in [
            "urn:imei:1",
            "a/b",
            "a%2Fb",
            "100%",
            "\"quoted\" 'x'",
            "Gerät 温度 🌡",
            "a?b#c",
            "a b+c",
            ".",
            "..",
            "_",
            "<img src=x onerror=alert(1)>",
        ] {
            for route in [
                Route::Device { endpoint: endpoint.into() },
                Route::Trace { endpoint: Some(endpoint.into()) },
                Route::Commands { endpoint: Some(endpoint.into()) },
                Route::Security { endpoint: Some(endpoint.into()) },
                Route::Bootstrap { endpoint: Some(endpoint.into()) },
                Route::AccessControlOf { endpoint: endpoint.into() },
            ] {
                assert_eq!(Route::parse(&route.address()), route, "{}", route.address());
            }
        }
    }

    #[test]
    fn every_page_has_its_address() {
        let object = |id| Route::Objects { id };
        let all = Route::Trace { endpoint: None };
        let commands = Route::Commands { endpoint: None };
        for route in [
            Route::Fleet,
            Route::Observations,
            Route::Boards,
            Route::Board { id: 7 },
            commands,
            object(None),
            object(Some(3303)),
            all,
            Route::Security { endpoint: None },
            Route::AccessControl,
            Route::Bootstrap { endpoint: None },
            Route::NewBootstrapConfiguration { like: None },
            Route::NewBootstrapConfiguration { like: Some(3) },
            Route::BootstrapConfiguration { id: 3 },
            Route::BootstrapSession { id: u64::MAX },
            Route::Server,
        ] {
            assert_eq!(Route::parse(&route.address()), route);
        }
    }

    #[test]
    fn addresses_without_a_page() {
        for address in [
            "/clients",
            "/clients/",
            "/clients/a/b",
            "/clients/%zz",
            "/clients/%ff",
            "/fleet",
            "//",
            "/objects/x",
            "/access-control/a/b",
            "/bootstrap/x",
            "/bootstrap/sessions",
            "/bootstrap/sessions/-1",
            "/boards/x",
        ] {
            assert_eq!(Route::parse(address), Route::NotFound, "{address}");
        }
        assert_eq!(Route::parse("/server/"), Route::Server);
        assert_eq!(Route::parse("/clients/a/"), Route::Device { endpoint: "a".into() });
        assert_eq!(Route::parse("/clients/a:b#/3/0"), Route::Device { endpoint: "a:b".into() });
    }
}
