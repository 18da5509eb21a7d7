//! CoRE link format, and what registrations and Discover answers make of it.

use lwm2m_codec::{
    ContentFormat, Decoder, NoDefinitions, Path,
    limits::{ITEMS_MAX, LINK_ATTRIBUTES_MAX, REMARKS_MAX},
    link::{self, Link},
    registration::{ObjectLinks, parse_discover},
};

use crate::{allocation, answers, payload};

pub fn link(data: &[u8]) {
    let links = allocation::reading(data.len(), || link::parse(data));
    let decoder = Decoder::new(ContentFormat::CORE_LINK, &Path::ROOT, &NoDefinitions);
    payload::check_explanation(&decoder, data, links.as_ref().err());
    match links {
        Err(error) => answers::check_error(&error, data.len()),
        Ok(links) => check_links(&links),
    }
    match allocation::reading(data.len(), || ObjectLinks::parse(data)) {
        Err(error) => answers::check_error(&error, data.len()),
        Ok(list) => check_list(list),
    }
    if let Err(error) = allocation::reading(data.len(), || parse_discover(data)) {
        answers::check_error(&error, data.len());
    }
}

fn check_links(links: &[Link]) {
    assert!(links.len() <= ITEMS_MAX, "{} links", links.len());
    assert!(links.iter().all(|link| link.attributes.len() <= LINK_ATTRIBUTES_MAX), "{links:?}");
    let written = link::write(links);
    assert_eq!(link::parse(written.as_bytes()).as_deref(), Ok(links), "in {written}");
}

fn check_list(mut list: ObjectLinks) {
    assert!(list.remarks.len() <= REMARKS_MAX, "{:?}", list.remarks);
    list.remarks.iter().for_each(|remark| answers::check_message(remark));
    let written = list.write();
    let mut again = ObjectLinks::parse(written.as_bytes())
        .unwrap_or_else(|error| panic!("{error}\nin {written}\nfrom {list:?}"));
    // What was wrong with the list is not written.
    list.remarks.clear();
    again.remarks.clear();
    assert_eq!(again, list, "in {written}");
}
