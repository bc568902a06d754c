// Given [font names, {script: two characters}], returns the fonts that exist and the scripts that some font covers.
([fonts, probes]) => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 64, height: 64});
  const context = canvas.getContext('2d', {willReadFrequently: true});
  const generics = ['serif', 'sans-serif', 'monospace'];
  const width = (family) => {
    context.font = '40px ' + family;
    return context.measureText('mmwwiilll@#&0O').width;
  };
  // A font exists when it hides what follows it: then every fallback gives the same width.
  const has = (name) => new Set(generics.map((generic) => width(`"${name}", ${generic}`))).size === 1;
  const picture = (character) => {
    context.clearRect(0, 0, 64, 64);
    context.font = '40px sans-serif';
    context.fillText(character, 4, 48);
    return context.getImageData(0, 0, 64, 64).data.join();
  };
  return {
    fonts: fonts.filter(has),
    // Characters without a font are all drawn as the same empty box.
    scripts: Object.keys(probes).filter((name) => {
      const [first, second] = [...probes[name]];
      return picture(first) !== picture(second);
    }),
  };
}
