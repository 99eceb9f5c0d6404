import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const TEMPLATES = resolve(import.meta.dirname, "../templates");

/** The icons that the templates name: `icon('search')` or `nav_link('…', 'search', …)`. */
function namedIcons(): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(TEMPLATES, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".html")) continue;
    const text = readFileSync(resolve(TEMPLATES, file), "utf8");
    for (const found of text.matchAll(/(?:\bicon\(|nav_link\('[\w.]+', )'([a-z0-9-]+)'/g)) names.add(found[1] as string);
  }
  return [...names].sort();
}

/** One sprite with those icons, instead of a font with two thousand. */
function icons(): Plugin {
  return {
    name: "icons",
    apply: "build",
    generateBundle() {
      const symbols = namedIcons().map((name) => {
        const svg = readFileSync(resolve(import.meta.dirname, `node_modules/bootstrap-icons/icons/${name}.svg`), "utf8");
        const box = /viewBox="([^"]+)"/.exec(svg)?.[1] ?? "0 0 16 16";
        const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
        return `<symbol id="${name}" viewBox="${box}" fill="currentColor">${inner.trim()}</symbol>`;
      });
      this.emitFile({
        type: "asset",
        fileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
      });
    },
  };
}

export default defineConfig({
  base: "/static/built/",
  plugins: [icons()],
  build: {
    outDir: "../static/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    // Nothing inlined: the pages' policy allows no data: addresses for scripts and fonts.
    assetsInlineLimit: 0,
    target: ["es2022", "safari15", "chrome100", "firefox100"],
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: ["src/app.ts", "src/room.ts", "src/phone.ts", "src/offline.ts", "src/worker.ts", "src/verification.ts"],
      // htmx can evaluate strings, which the pages' htmx-config forbids; janus-gateway is both CommonJS and a module.
      onwarn: (warning, warn) => {
        if (!["EVAL", "COMMONJS_VARIABLE_IN_ESM"].includes(warning.code ?? "")) warn(warning);
      },
    },
  },
  css: { preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"] } } },
});
