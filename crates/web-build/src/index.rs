use anyhow::{Result, ensure};

use crate::asset::Asset;

/// Where `frontend/index.html` wants the links to the built files.
const PLACEHOLDER: &str = "<!-- head -->";

/// The files that the page names.
pub(crate) struct Index<'a> {
    pub(crate) style: &'a Asset,
    /// The console asks for it.
    pub(crate) later_style: &'a Asset,
    pub(crate) module: &'a Asset,
    pub(crate) wasm: &'a Asset,
    pub(crate) boot: &'a Asset,
    pub(crate) registry: &'a Asset,
}

impl Index<'_> {
    /// The template with the links filled in. Everything is external: the policy of the server allows no
    /// inline scripts or styles.
    pub(crate) fn render(&self, template: &str) -> Result<String> {
        let places = template.matches(PLACEHOLDER).count();
        ensure!(places == 1, "frontend/index.html must have `{PLACEHOLDER}` once, it has it {places} times");
        Ok(template.replace(PLACEHOLDER, &self.head()))
    }

    fn head(&self) -> String {
        [
            format!("<meta name=\"registry\" content=\"{}\">", self.registry.url()),
            format!("<meta name=\"later-style\" content=\"{}\">", self.later_style.url()),
            format!("<link rel=\"stylesheet\" href=\"{}\">", self.style.url()),
            format!("<link rel=\"modulepreload\" href=\"{}\">", self.module.url()),
            format!(
                "<link rel=\"preload\" href=\"{}\" as=\"fetch\" type=\"application/wasm\" crossorigin>",
                self.wasm.url()
            ),
            format!("<script type=\"module\" src=\"{}\"></script>", self.boot.url()),
        ]
        .join("\n    ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::Assets;

    fn render(template: &str) -> Result<String> {
        let root = tempfile::tempdir().unwrap();
        let mut assets = Assets::create(root.path(), root.path()).unwrap();
        let mut add = |stem, extension| assets.add(stem, extension, b"abc").unwrap();
        let index = Index {
            style: &add("console", "css"),
            later_style: &add("pages", "css"),
            module: &add("frontend", "js"),
            wasm: &add("frontend", "wasm"),
            boot: &add("boot", "js"),
            registry: &add("registry", "bin"),
        };
        index.render(template)
    }

    #[test]
    fn the_page_names_every_file() {
        let page = render("<head>\n    <!-- head -->\n</head>").unwrap();
        assert_eq!(
            page,
            "<head>\n    \
             <meta name=\"registry\" content=\"/assets/registry-ba7816bf8f01cfea.bin\">\n    \
             <meta name=\"later-style\" content=\"/assets/pages-ba7816bf8f01cfea.css\">\n    \
             <link rel=\"stylesheet\" href=\"/assets/console-ba7816bf8f01cfea.css\">\n    \
             <link rel=\"modulepreload\" href=\"/assets/frontend-ba7816bf8f01cfea.js\">\n    \
             <link rel=\"preload\" href=\"/assets/frontend-ba7816bf8f01cfea.wasm\" as=\"fetch\" \
             type=\"application/wasm\" crossorigin>\n    \
             <script type=\"module\" src=\"/assets/boot-ba7816bf8f01cfea.js\"></script>\n\
             </head>"
        );
    }

    #[test]
    fn the_template_needs_its_placeholder_once() {
        assert!(render("<head></head>").unwrap_err().to_string().contains("0 times"));
        assert!(render("<!-- head --><!-- head -->").unwrap_err().to_string().contains("2 times"));
    }
}
