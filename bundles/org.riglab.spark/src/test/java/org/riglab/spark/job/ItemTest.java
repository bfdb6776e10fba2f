package org.riglab.spark.job;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.Optional;
import org.junit.Test;
import org.riglab.api.RigException;

public class ItemTest {
  @Test
  public void relativePathsKeepTheirFoldersAndOthersTheirLastName() {
    assertEquals("a", Item.name("a.jpg"));
    assertEquals("train/n01/a", Item.name("train/n01/a.JPEG"));
    assertEquals("0001.5", Item.name("0001.5"));
    assertEquals("a", Item.name("/data/a.png"));
    assertEquals("a", Item.name("hdfs://host/data/a.png"));
    assertEquals("b/a", Item.name("b\\a.png"));
    assertEquals("", Item.name(null));
  }

  @Test
  public void aRowWithoutAnImageIsRefused() {
    assertThrows(RigException.class, () -> new Item("a", null, null).read(false));
  }

  @Test
  public void linesThatAreNoEventsAreIgnored() {
    Event event = new Event(Event.Type.BAD, 0, 0, 0, "a", "no\nimage");
    assertEquals(Optional.of(event), Event.parse(event.line()));
    assertEquals(1, event.line().lines().count());
    assertEquals(Optional.empty(), Event.parse("{}"));
    assertEquals(Optional.empty(), Event.parse("{half"));
    assertEquals(Optional.empty(), Event.parse("WARN"));
  }
}
