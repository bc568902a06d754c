// Component libraries on a page of sheets. Run once a page; defines
//   defineLibrary(name, css, script): makes the library's style sheet fit for shadow roots and runs its script,
//   dressLibraries(hosts, still): dresses the hosts of libraries' widgets, waits for their elements and reads their states;
//     returns [{family, fault}] for each whose state is not what its label says, or that has an unknown element.
() => {
  const libraries = new Map();
  // What the outermost boxes of a document are given must not give the widget a size.
  const frame = new CSSStyleSheet();
  frame.replaceSync(`:host {font-size: 16px; font-weight: 400; background: none !important}
    bw-html, bw-body {display: inline-flex !important; align-items: center; position: static !important;
    width: auto !important; height: auto !important; min-width: 0 !important; min-height: 0 !important;
    max-width: none !important; margin: 0 !important; padding: 0 !important; border: 0 !important;
    overflow: visible !important; background: none !important; opacity: 1 !important; visibility: visible !important}
    bw-body > * {flex: none}
    bw-body > style {display: none}`);

  const token = /"[^"]*"|'[^']*'|\[[^\]]*\]|:root\b|(?<![\w.#-])(?:html|body)(?![\w-])/g;
  const names = {':root': '.bw-root', html: 'bw-html', body: 'bw-body'};
  const scoped = (selector) => selector.replace(token, (found) => names[found] ?? found);

  // Fonts and registered properties only work in the document's own style sheets, so they are taken out.
  const prepare = (owner, document_rules) => {
    for (let index = owner.cssRules.length - 1; index >= 0; index--) {
      const rule = owner.cssRules[index];
      if (rule instanceof CSSFontFaceRule || rule instanceof CSSPropertyRule) {
        document_rules.push(rule.cssText);
        owner.deleteRule(index);
        continue;
      }
      if (rule.selectorText) {
        const selector = scoped(rule.selectorText);
        if (selector !== rule.selectorText) rule.selectorText = selector;
      }
      if (rule.cssRules && !(rule instanceof CSSKeyframesRule)) prepare(rule, document_rules);
    }
  };

  window.defineLibrary = (name, css, script) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const document_rules = [];
    prepare(sheet, document_rules);
    libraries.set(name, {sheet, document_css: document_rules.reverse().join('\n')});
    if (script) {
      const element = document.createElement('script');
      element.textContent = script;
      document.head.append(element);
      element.remove();
    }
  };

  function* deep(root) {
    for (const element of root.querySelectorAll('*')) {
      yield element;
      if (element.shadowRoot) yield* deep(element.shadowRoot);
    }
  }

  // Elements draw themselves in tasks of their own: those of Lit say when they are done, those of FAST use frames.
  const settle = async (hosts, still) => {
    const elements = hosts.flatMap((host) => [...deep(host.shadowRoot)]);
    if (elements.some((element) => element.shadowRoot))
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (let round = 0; round < 3; round++)
      for (const host of hosts)
        for (const element of deep(host.shadowRoot)) {
          if (element.updateComplete) await element.updateComplete;
          const root = element.shadowRoot;
          if (root && !root.adoptedStyleSheets.includes(still)) root.adoptedStyleSheets.push(still);
        }
  };

  const reading = (element) => {
    if (element.localName === 'input' && ['checkbox', 'radio'].includes(element.type))
      return element.checked || element.indeterminate;
    const role = element.getAttribute('role');
    if (['checkbox', 'radio', 'switch', 'menuitemcheckbox', 'menuitemradio'].includes(role) && element.hasAttribute('aria-checked'))
      return element.getAttribute('aria-checked') !== 'false';
    if (element.localName.includes('-') && typeof element.checked === 'boolean')
      return element.checked || element.indeterminate === true;
    return null;
  };

  const found = (host) => {
    const readings = [...deep(host.shadowRoot)].map(reading).filter((value) => value !== null);
    if (!readings.length) return 'none';
    if (readings.every((value) => value)) return 'on';
    return readings.some((value) => value) ? 'both' : 'off';
  };

  const fault = (host) => {
    const unknown = [...deep(host.shadowRoot)].find((one) => one.matches(':not(:defined)') && !one.localName.startsWith('bw-'));
    if (unknown) return `does not know the element <${unknown.localName}>`;
    const state = found(host);
    return state === host.dataset.expected ? '' : `shows state '${state}' where the label says '${host.dataset.expected}'`;
  };

  // Chromium leaves the neighbours of an input that became indeterminate after its first layout in their old look. Laid
  // out anew, all look as their state says, whenever it was set.
  const layOutAnew = () => {
    document.body.style.display = 'none';
    document.body.getBoundingClientRect();
    document.body.style.display = '';
    document.body.getBoundingClientRect();
  };

  window.dressLibraries = async (all_hosts, still) => {
    const hosts = all_hosts.filter((host) => host.dataset.library);
    const present = [...new Set(hosts.map((host) => host.dataset.library))].sort();
    let style = document.getElementById('library-fonts');
    if (!style) document.head.append(style = Object.assign(document.createElement('style'), {id: 'library-fonts'}));
    const css = present.map((name) => libraries.get(name).document_css).join('\n');
    if (style.textContent !== css) style.textContent = css;
    for (const host of hosts)
      host.shadowRoot.adoptedStyleSheets = [libraries.get(host.dataset.library).sheet, frame, still];
    await settle(hosts, still);
    // Fonts only begin to load once something is laid out in them.
    layOutAnew();
    await document.fonts.ready;
    return hosts.map((host) => ({family: host.dataset.family, fault: fault(host)})).filter((one) => one.fault);
  };
}
