//! The files of the console. A release binary carries them; otherwise they are read from `target/console`.

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{Embed, EmbeddedFile};

use super::{coding::Coding, error::Failure};

#[derive(Embed)]
#[folder = "../target/console/"]
#[allow_missing = true]
struct Files;

pub(super) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if method != Method::GET && method != Method::HEAD {
        let message = format!("{method} is not possible on {path}");
        return Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message).into_response();
    }
    if path.starts_with("/api/") {
        let message = format!("the interface has no {path}");
        return Failure::new(StatusCode::NOT_FOUND, "not_found", message).into_response();
    }
    // Names of assets carry a hash of their content, so a missing one must be missed and never be the page.
    if path.starts_with("/assets/") {
        return file(path.trim_start_matches('/'), &headers)
            .unwrap_or_else(|| StatusCode::NOT_FOUND.into_response());
    }
    // Every other path is a page of the console, which finds its own way.
    file("index.html", &headers).unwrap_or_else(not_built)
}

fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    let sibling = |coding: Coding| {
        let file = Files::get(&format!("{name}{}", coding.suffix()))?;
        Some(respond(name, file, Some(coding)))
    };
    let compressed = Coding::accepted(headers).into_iter().find_map(sibling);
    compressed.or_else(|| Some(respond(name, Files::get(name)?, None)))
}

fn respond(name: &str, file: EmbeddedFile, coding: Option<Coding>) -> Response {
    let content_type = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    response
}

fn not_built() -> Response {
    let page = Html(
        "<!doctype html><html lang=\"en\"><title>LwM2M Console</title><h1>The console is not built yet</h1>\
         <p>Run <code>cargo xtask web</code> in the project's folder, then reload. \
         The REST interface is at <a href=\"/api/v1/clients\">/api/v1/clients</a>.</p></html>",
    );
    (StatusCode::SERVICE_UNAVAILABLE, page).into_response()
}
