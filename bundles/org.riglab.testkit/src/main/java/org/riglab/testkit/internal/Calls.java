package org.riglab.testkit.internal;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;

/** Which methods a class calls, as its class file says. */
final class Calls {
  private static final int MAGIC = 0xCAFEBABE;

  private Calls() {}

  /**
   * @param type a class
   * @return its methods' callees, for example {@code ai.djl.Device.cpu}; empty if its class file is
   *     not at hand
   */
  static Set<String> of(Class<?> type) throws IOException {
    String file = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
    try (InputStream in = type.getResourceAsStream(file)) {
      return in == null ? Set.of() : read(new DataInputStream(in));
    }
  }

  // The Java Virtual Machine Specification, 4.4
  private static Set<String> read(DataInputStream in) throws IOException {
    if (in.readInt() != MAGIC) {
      return Set.of();
    }
    in.readInt(); // version
    int count = in.readUnsignedShort();
    String[] texts = new String[count];
    int[] first = new int[count];
    int[] second = new int[count];
    boolean[] method = new boolean[count];
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> texts[i] = in.readUTF();
        case 3, 4 -> in.readInt();
        case 5, 6 -> {
          in.readLong();
          i++; // a long takes two places
        }
        case 7, 8, 16, 19, 20 -> first[i] = in.readUnsignedShort();
        case 9, 10, 11, 12, 17, 18 -> {
          first[i] = in.readUnsignedShort();
          second[i] = in.readUnsignedShort();
          method[i] = tag == 10 || tag == 11;
        }
        case 15 -> {
          in.readUnsignedByte();
          in.readUnsignedShort();
        }
        default -> throw new IOException("constant of unknown kind " + tag);
      }
    }
    Set<String> calls = new TreeSet<>();
    for (int i = 1; i < count; i++) {
      if (method[i]) {
        calls.add(texts[first[first[i]]].replace('/', '.') + "." + texts[first[second[i]]]);
      }
    }
    return calls;
  }
}
