package org.riglab.api.access;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.Test;
import org.riglab.api.RigException;

public final class RoleTest {
  @Test
  public void eachRoleIncludesThoseBeforeIt() {
    List<String> allowed = new ArrayList<>();
    for (Role role : Role.values()) {
      for (Role needed : Role.values()) {
        if (new Principal("x", role).may(needed)) {
          allowed.add(role.word() + ">" + needed.word());
        }
      }
    }
    assertEquals(
        List.of(
            "viewer>viewer",
            "operator>viewer",
            "operator>operator",
            "admin>viewer",
            "admin>operator",
            "admin>admin"),
        allowed);
  }

  @Test
  public void whoMayNotIsToldWhoMay() {
    RigException denied =
        assertThrows(
            RigException.class,
            () -> new Principal("x", Role.VIEWER).require(Role.ADMIN, "plugin install"));
    assertEquals("plugin install needs the role admin; yours is viewer", denied.getMessage());
  }

  @Test
  public void onlyExactWordsAreRoles() {
    assertEquals(Role.OPERATOR, Role.of("operator"));
    for (String word : List.of("", "ADMIN", "admin ", "root", "\u0430dmin")) {
      assertThrows(word, RigException.class, () -> Role.of(word));
    }
  }
}
