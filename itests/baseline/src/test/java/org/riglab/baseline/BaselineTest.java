package org.riglab.baseline;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import aQute.bnd.classfile.ClassFile;
import aQute.bnd.classfile.CodeAttribute;
import aQute.bnd.classfile.MethodInfo;
import aQute.bnd.osgi.Jar;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/**
 * What was built keeps the promises of the last release. {@code released/} holds its signatures.
 */
@RunWith(Parameterized.class)
public final class BaselineTest {
  private static final Path BUNDLES = Path.of(System.getProperty("riglab.bundles"));
  private static final Path RELEASED = Path.of(System.getProperty("riglab.released"));

  private final String name;

  public BaselineTest(String name) {
    this.name = name;
  }

  @Parameters(name = "{0}")
  public static List<String> bundles() {
    return Release.BUNDLES;
  }

  private interface Check {
    List<String> broken(Jar bundle, Jar released) throws Exception;
  }

  private void assertKept(Check check) throws Exception {
    try (Jar bundle = Release.built(BUNDLES, name);
        Jar released = new Jar(Release.kept(RELEASED, name).toFile())) {
      List<String> broken = check.broken(bundle, released);
      assertTrue(String.join("\n", broken), broken.isEmpty());
    }
  }

  @Test
  public void versionsShowWhatChanged() throws Exception {
    assertKept(Promises::versions);
  }

  @Test
  public void whatLeavesWasDeprecated() throws Exception {
    assertKept(Promises::deprecations);
  }

  @Test
  public void everyExtendableTypeSaysWhoImplementsIt() throws Exception {
    assertKept((bundle, released) -> Promises.roles(bundle));
  }

  @Test
  public void releaseHoldsSignaturesOnly() throws Exception {
    try (Jar released = new Jar(Release.kept(RELEASED, name).toFile())) {
      assertNotEquals(Map.of(), Signatures.types(released));
      for (ClassFile type : Signatures.types(released).values()) {
        for (MethodInfo method : type.methods) {
          String where = type.this_class + "#" + method.name;
          assertEquals(where, Optional.empty(), method.getAttribute(CodeAttribute.class));
          assertNotEquals(where, 0, method.access & (Modifier.PUBLIC | Modifier.PROTECTED));
        }
      }
    }
  }
}
