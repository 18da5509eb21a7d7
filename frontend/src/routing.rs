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
    Device { endpoint: String },
    NotFound,
}

impl Route {
    /// `pathname` as the browser has it: still percent-encoded.
    pub(crate) fn parse(pathname: &str) -> Self {
        if pathname == "/" || pathname.is_empty() {
            return Self::Fleet;
        }
        let Some(segment) = pathname.strip_prefix("/clients/") else {
            return Self::NotFound;
        };
        match percent_decode(segment.strip_suffix('/').unwrap_or(segment)) {
            Some(endpoint) if !segment.is_empty() && !is_nested(segment) => Self::Device { endpoint },
            _ => Self::NotFound,
        }
    }

    pub(crate) fn address(&self) -> String {
        match self {
            Self::Fleet | Self::NotFound => "/".into(),
            Self::Device { endpoint } => format!("/clients/{}", percent_encode(endpoint)),
        }
    }
}

fn is_nested(segment: &str) -> bool {
    segment.strip_suffix('/').unwrap_or(segment).contains('/')
}

/// The page that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    pub(crate) route: Memo<Route>,
    current: RwSignal<Route>,
}

impl Router {
    /// Reads the address, and follows the back and forward buttons and every link of this page.
    pub(crate) fn start() -> Self {
        let current = RwSignal::new(Route::parse(&browser::pathname()));
        let router = Self { route: memo(move || current.get()), current };
        let back =
            window_event_listener(ev::popstate, move |_| current.set(Route::parse(&browser::pathname())));
        let click = window_event_listener(ev::click, move |event| router.follow(&event));
        on_cleanup(move || {
            back.remove();
            click.remove();
        });
        router
    }

    pub(crate) fn open(self, route: Route) {
        browser::push_address(&route.address());
        self.current.set(route);
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
        let route = Route::parse(&address);
        if route != Route::NotFound {
            event.prevent_default();
            self.open(route);
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
        for endpoint in
            ["urn:imei:1", "a/b", "a%2Fb", "100%", "\"quoted\" 'x'", "Gerät 温度 🌡", "a?b#c", "a b+c", "."]
        {
            let route = Route::Device { endpoint: endpoint.into() };
            let address = route.address();
            assert_eq!(address.matches('/').count(), 2, "{address}");
            assert_eq!(Route::parse(&address), route, "{address}");
        }
    }

    #[test]
    fn addresses_without_a_page() {
        for address in
            ["/clients", "/clients/", "/clients/a/b", "/clients/%zz", "/clients/%ff", "/fleet", "//"]
        {
            assert_eq!(Route::parse(address), Route::NotFound, "{address}");
        }
        assert_eq!(Route::parse("/"), Route::Fleet);
        assert_eq!(Route::parse("/clients/a/"), Route::Device { endpoint: "a".into() });
        assert_eq!(Route::parse("/clients/a:b"), Route::Device { endpoint: "a:b".into() });
    }
}
