/** Runs the main class that is its first argument, and ends the process when its standard input does: an engine must not outlive the test that started it. */
public class WithParent {
  public static void main(String[] args) throws Exception {
    Thread watch = new Thread(() -> {
      try {
        while (System.in.read() >= 0) { }
      } catch (java.io.IOException ignored) {
        // Gone, one way or the other.
      }
      Runtime.getRuntime().halt(1);
    });
    watch.setDaemon(true);
    watch.start();
    Class.forName(args[0]).getMethod("main", String[].class)
        .invoke(null, (Object) java.util.Arrays.copyOfRange(args, 1, args.length));
  }
}
