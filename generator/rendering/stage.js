// Run once a page; defines
//   putSheet(html): shows HTML, its widgets as they will be photographed; returns the lies, [{family, fault}]: the widgets
//     of libraries whose state in the DOM is not their label, and whatever does not come to rest,
//   showVariant(number): shows that item of each place of a screen, or its last,
//   placeOf(row): where a row's widget and label lie, in CSS pixels: {widget: [x, y, width, height], label: … or null},
//   veil() and unveil(): hide the page, which then costs no painting, and show it again,
//   treesIn(root): yields a shadow root and all that are inside it.
() => {
  // Nothing may move while the picture is taken; the caret blinks. Animations are not forbidden, but brought to their end.
  const still = new CSSStyleSheet();
  still.replaceSync('*, ::before, ::after {transition: none !important; caret-color: transparent !important}');
  const ROUNDS = 8;
  // What is drawn in time by SVG's own animations is shown as at this second.
  const LATE_S = 600;

  window.treesIn = function* (root) {
    yield root;
    for (const element of root.querySelectorAll('*')) if (element.shadowRoot) yield* window.treesIn(element.shadowRoot);
  };

  window.veil = () => Object.assign(document.body.style, {height: '0', contain: 'paint'});
  window.unveil = (height) => Object.assign(document.body.style, {height: height + 'px', contain: ''});

  window.showVariant = (variant) => {
    for (const stack of document.querySelectorAll('.twin'))
      [...stack.children].forEach((cell, index, cells) =>
        cell.classList.toggle('away', index !== Math.min(variant, cells.length - 1)));
  };

  // Ends what runs in a tree, or takes it away where it would go on for ever; tells whether anything ran.
  const endAnimations = (tree) => {
    let ran = false;
    for (const animation of tree.getAnimations()) {
      // One that is paused is a picture too: some draw a state so.
      if (animation.playState !== 'running' || animation.playbackRate === 0) continue;
      ran = true;
      if (animation.playbackRate > 0 && animation.effect.getComputedTiming().endTime === Infinity) animation.cancel();
      else animation.finish();
    }
    return ran;
  };

  const endless = (animation) => {
    const given = (name) => animation.getAttribute(name)?.trim();
    const forever = [given('repeatCount'), given('repeatDur')].includes('indefinite');
    const bounded = [given('repeatCount'), given('repeatDur')].some((value) => value && value !== 'indefinite');
    return forever && !bounded && !given('end');
  };

  const endDrawing = (tree) => {
    for (const drawing of tree.querySelectorAll('svg')) {
      if (drawing.ownerSVGElement) continue;
      const moves = [...drawing.querySelectorAll('animate, animateTransform, animateMotion, set')];
      if (!moves.length) continue;
      for (const animation of moves) if (endless(animation)) animation.remove();
      drawing.pauseAnimations();
      drawing.setCurrentTime(LATE_S);
    }
  };

  // The end of one animation may begin another; returns a lie for each host in which that never ends.
  const comeToRest = async (hosts) => {
    let moving = hosts;
    for (let round = 0; round < ROUNDS; round++) {
      moving = moving.filter((host) => [...window.treesIn(host.shadowRoot)].map(endAnimations).includes(true));
      if (!moving.length) return [];
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    return moving.map((host) => ({family: host.dataset.family, fault: 'never comes to rest: its animations begin again when they end'}));
  };

  window.putSheet = async (html) => {
    document.body.setHTMLUnsafe(html);
    window.showVariant(0);
    const hosts = [...document.querySelectorAll('.host')];
    for (const host of hosts) {
      host.shadowRoot.adoptedStyleSheets = [still];
      for (const input of host.shadowRoot.querySelectorAll('[data-indeterminate]')) input.indeterminate = true;
      endDrawing(host.shadowRoot);
    }
    const lies = window.dressLibraries ? await window.dressLibraries(hosts, still) : [];
    await document.fonts.ready;
    return [...lies, ...await comeToRest(hosts)];
  };

  const around = (elements) => {
    const rects = elements.map((element) => element.getBoundingClientRect());
    const x = Math.min(...rects.map((rect) => rect.left)), y = Math.min(...rects.map((rect) => rect.top));
    const right = Math.max(...rects.map((rect) => rect.right)), bottom = Math.max(...rects.map((rect) => rect.bottom));
    return [x, y, right - x, bottom - y];
  };

  window.placeOf = (row) => {
    const host = row.querySelector('.host');
    const marked = [...host.shadowRoot.querySelectorAll('[data-box]')];
    const label = row.querySelector('.label') ?? host.shadowRoot.querySelector('[data-label]');
    return {widget: around(marked.length ? marked : [host]), label: label ? around([label]) : null};
  };
}
