/*
Swing's widgets, in the looks and feels that come with Java.

+++
about = "Swing widgets, by Java 17 or newer"
programs = ["java"]
debian = ["default-jre"]
scale_variable = "J2D_UISCALE"
others = ["button", "text", "entry", "slider", "progress", "combo", "spin"]
[widgets]
checkbox = ["checked", "unchecked"]
radio = ["checked", "unchecked"]
+++
*/

import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.swing.*;

class swing {
  static final List<String> THEMES = new ArrayList<>();
  static JFrame shown;

  public static void main(String[] names) throws Exception {
    for (var look : UIManager.getInstalledLookAndFeels()) {
      try {
        SwingUtilities.invokeAndWait(() -> dress(look.getName()));
        THEMES.add('"' + look.getName() + '"');
      } catch (Exception unusable) {
        continue;
      }
    }
    try (var lines = Files.newBufferedReader(Path.of(names[0]));
        var out = new PrintStream(Files.newOutputStream(Path.of(names[1])), true, StandardCharsets.UTF_8)) {
      var version = "Java " + System.getProperty("java.version");
      out.println("{\"version\": \"" + version + "\", \"themes\": [" + String.join(", ", THEMES) + "]}");
      for (String line; (line = lines.readLine()) != null; ) {
        var window = line.split("\t");
        var items = readItems(lines);
        var made = new ArrayList<JComponent>();
        SwingUtilities.invokeAndWait(() -> show(window, items, made));
        Thread.sleep(150);
        var told = new ArrayList<String>();
        SwingUtilities.invokeAndWait(() -> made.forEach(widget -> told.add(read(widget))));
        out.println("{\"items\": [" + String.join(", ", told) + "]}");
      }
    }
    System.exit(0);
  }

  static List<String[]> readItems(BufferedReader lines) throws Exception {
    var items = new ArrayList<String[]>();
    for (String line; !(line = lines.readLine()).equals("show"); ) items.add(line.split("\t", -1));
    return items;
  }

  static void dress(String theme) {
    try {
      for (var look : UIManager.getInstalledLookAndFeels())
        if (look.getName().equals(theme)) UIManager.setLookAndFeel(look.getClassName());
      new JCheckBox("probe").getPreferredSize();
    } catch (Exception unusable) {
      throw new IllegalStateException(theme, unusable);
    }
  }

  static void show(String[] window, List<String[]> items, List<JComponent> made) {
    dress(window[0]);
    var frame = new JFrame();
    frame.setUndecorated(true);
    var pane = new JPanel(null);
    pane.setFocusable(true);
    frame.setContentPane(pane);
    for (var item : items) {
      var widget = make(item[0], item[8]);
      widget.setFont(widget.getFont().deriveFont(Float.parseFloat(window[3])));
      if (widget instanceof JToggleButton toggle) toggle.setSelected(item[1].equals("checked"));
      widget.setEnabled(item[2].equals("yes"));
      widget.setBounds(number(item[4]), number(item[5]), number(item[6]), number(item[7]));
      pane.add(widget);
      made.add(widget);
    }
    frame.setBounds(0, 0, number(window[1]), number(window[2]));
    frame.setVisible(true);
    pane.requestFocus();
    for (int place = 0; place < made.size(); place++)
      if (items.get(place)[3].equals("yes")) made.get(place).requestFocus();
    if (shown != null) shown.dispose();
    shown = frame;
  }

  static JComponent make(String kind, String text) {
    return switch (kind) {
      case "checkbox" -> new JCheckBox(text);
      case "radio" -> new JRadioButton(text);
      case "button" -> new JButton(text);
      case "text" -> new JLabel(text);
      case "entry" -> new JTextField(text);
      case "slider" -> new JSlider(0, 10, 6);
      case "progress" -> progress();
      case "combo" -> new JComboBox<>(new String[] {text});
      case "spin" -> new JSpinner(new SpinnerNumberModel(7, 0, 99, 1));
      default -> throw new IllegalArgumentException(kind);
    };
  }

  static JProgressBar progress() {
    var bar = new JProgressBar(0, 10);
    bar.setValue(4);
    return bar;
  }

  static String read(JComponent widget) {
    var state = widget instanceof JToggleButton toggle ? toggle.isSelected() ? "checked" : "unchecked" : "";
    return "[\"" + state + "\", " + widget.isEnabled() + "]";
  }

  static int number(String text) {
    return Integer.parseInt(text);
  }
}
