use crate::definition::{ObjectDefinition, ResourceDefinition};
use crate::limits::SEARCH_TEXT_MAX;
use crate::registry::Registry;

/// An object, or a resource of it, that a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchHit<'a> {
    pub object: &'a ObjectDefinition,
    /// `None`: the object itself.
    pub resource: Option<&'a ResourceDefinition>,
}

/// How well something fits, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    ExactId,
    ExactName,
    Prefix,
    WordPrefix,
    Substring,
    /// Some words fit the resource, the others its object.
    WithObject,
}

impl Registry {
    /// The current definitions that every word of `query` occurs in: in id, name or URN of an object, or in id or name
    /// of a resource, where words may also be about its object. Letters may be large or small.
    ///
    /// Objects come before resources. Among each, the better fit comes first: the id, the whole name, its beginning,
    /// the beginnings of words, anything else; then the lower ids. A query without words finds nothing.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<SearchHit<'_>> {
        let query = Query::new(query);
        if query.words.is_empty() {
            return Vec::new();
        }
        let mut objects = Vec::new();
        let mut resources = Vec::new();
        for object in self.objects() {
            let of_object = Texts::new(object.id, &object.name, &object.urn);
            if let Some(rank) = query.rank(&of_object) {
                objects.push((rank, SearchHit { object, resource: None }));
            }
            for resource in &object.resources {
                let of_resource = Texts::new(resource.id, &resource.name, "");
                if let Some(rank) = query.rank_within(&of_resource, &of_object) {
                    resources.push((rank, SearchHit { object, resource: Some(resource) }));
                }
            }
        }
        // Both are in the order of their ids, and sorting keeps it among equals.
        objects.sort_by_key(|(rank, _)| *rank);
        resources.sort_by_key(|(rank, _)| *rank);
        objects.into_iter().chain(resources).map(|(_, hit)| hit).take(limit).collect()
    }
}

/// What is looked for, in small letters.
struct Query {
    words: Vec<String>,
    whole: String,
}

impl Query {
    fn new(text: &str) -> Self {
        let text: String = text.chars().take(SEARCH_TEXT_MAX).collect();
        let words: Vec<String> = text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        Self { whole: words.join(" "), words }
    }

    fn rank(&self, texts: &Texts) -> Option<Rank> {
        if !self.words.iter().all(|word| texts.contain(word)) {
            return None;
        }
        Some(if self.whole == texts.id {
            Rank::ExactId
        } else if self.whole == texts.name {
            Rank::ExactName
        } else if texts.name.starts_with(&self.whole) {
            Rank::Prefix
        } else if self.words.iter().all(|word| texts.have_a_word_from(word)) {
            Rank::WordPrefix
        } else {
            Rank::Substring
        })
    }

    /// A resource by its own texts, or together with those of its object.
    fn rank_within(&self, resource: &Texts, object: &Texts) -> Option<Rank> {
        let own = self.words.iter().filter(|word| resource.contain(word)).count();
        if own == self.words.len() {
            return self.rank(resource);
        }
        let all = self.words.iter().all(|word| resource.contain(word) || object.contain(word));
        (own > 0 && all).then_some(Rank::WithObject)
    }
}

/// What may be found of a definition, in small letters.
struct Texts {
    id: String,
    name: String,
    urn: String,
}

impl Texts {
    fn new(id: u16, name: &str, urn: &str) -> Self {
        Self { id: id.to_string(), name: name.to_lowercase(), urn: urn.to_lowercase() }
    }

    fn contain(&self, word: &str) -> bool {
        self.name.contains(word) || self.id.contains(word) || self.urn.contains(word)
    }

    fn have_a_word_from(&self, beginning: &str) -> bool {
        let mut words = self.name.split(|c: char| !c.is_alphanumeric());
        self.id.starts_with(beginning) || words.any(|word| word.starts_with(beginning))
    }
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::ValueType;

    use super::*;
    use crate::registry::tests::object;

    /// Id and name of objects, each with some names of resources.
    fn registry(objects: &[(u16, &str, &[&str])]) -> Registry {
        let mut registry = Registry::new();
        for (id, name, resources) in objects {
            let mut definition = object(*id, "1.0", ValueType::Float);
            definition.name = (*name).to_owned();
            let resource = definition.resources.remove(0);
            for (id, name) in (5700..).zip(*resources) {
                definition.resources.push(ResourceDefinition {
                    id,
                    name: (*name).to_owned(),
                    ..resource.clone()
                });
            }
            registry.add([definition]);
        }
        registry
    }

    fn found(registry: &Registry, query: &str) -> Vec<String> {
        let hits = registry.search(query, 100);
        let shown = |hit: &SearchHit| match hit.resource {
            Some(resource) => format!("/{}/x/{}", hit.object.id, resource.id),
            None => format!("/{}", hit.object.id),
        };
        hits.iter().map(shown).collect()
    }

    #[test]
    fn better_fits_come_first_and_objects_before_resources() {
        let registry = registry(&[
            (3, "Outdoor temperature", &["Temperature"]),
            (30, "Thermotemperature", &[]),
            (300, "Temperature alarm", &[]),
            (3303, "Temperature", &["Sensor Value", "Units"]),
            (3304, "Humidity", &["Sensor Value"]),
        ]);
        assert_eq!(found(&registry, "TEMPERATURE"), ["/3303", "/300", "/3", "/30", "/3/x/5700"]);
        assert_eq!(found(&registry, "3"), ["/3", "/30", "/300", "/3303", "/3304"]);
        assert_eq!(found(&registry, "3303"), ["/3303"]);
        assert_eq!(found(&registry, "sensor value"), ["/3303/x/5700", "/3304/x/5700"]);
        assert_eq!(found(&registry, "5700"), ["/3/x/5700", "/3303/x/5700", "/3304/x/5700"]);
    }

    #[test]
    fn every_word_must_fit() {
        let registry =
            registry(&[(3303, "Temperature", &["Sensor Value", "Units"]), (3304, "Humidity", &["Value"])]);
        assert_eq!(found(&registry, "value  sens"), ["/3303/x/5700"]);
        assert_eq!(
            found(&registry, "temp value"),
            ["/3303/x/5700"],
            "one word of the object, one of the resource"
        );
        assert_eq!(found(&registry, "urn:oma:lwm2m:x:3304"), ["/3304"]);
        for query in ["", "  ", "temp humid", "temperature nothing", "vélo"] {
            assert_eq!(found(&registry, query), [""; 0], "{query}");
        }
    }

    #[test]
    fn searches_are_bounded() {
        let registry = registry(&[(1, "A", &["A", "A"]), (2, "A", &[])]);
        assert_eq!(registry.search("a", 3).len(), 3);
        assert_eq!(registry.search("a", 0), []);
        assert_eq!(registry.search(&"x".repeat(100_000), 3), []);
        let long = format!("a{}", " a".repeat(100_000));
        assert_eq!(registry.search(&long, 9).len(), 4);
    }
}
