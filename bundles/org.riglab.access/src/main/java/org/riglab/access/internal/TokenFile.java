package org.riglab.access.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens;
import org.riglab.api.bench.Networks;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;

/**
 * Tokens in the home's {@code access/tokens}, a line for each: SHA-256 of the secret, role, when
 * made, when it expires, name. A secret is 256 random bits, so that a plain digest is enough: there
 * is nothing to guess. The id is the digest's beginning.
 */
@Component
public final class TokenFile implements Tokens {
  private static final String PREFIX = "rig_";
  private static final int SECRET_BYTES = 32;
  private static final int ID_LENGTH = 8;
  private static final int LONGEST_SECRET = 128;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private final Path file;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock writing = new ReentrantLock();
  private volatile Content content = new Content("", Map.of());

  /**
   * What the file said.
   *
   * @param stamp tells this state of the file from others; empty for no file
   * @param tokens by digest
   */
  private record Content(String stamp, Map<String, Token> tokens) {}

  /**
   * @param networks knows the home
   */
  @Activate
  public TokenFile(@Reference Networks networks) {
    this(networks.home(), Clock.systemUTC());
  }

  TokenFile(Path home, Clock clock) {
    this.file = home.resolve("access").resolve("tokens");
    this.clock = clock;
  }

  @Override
  public Created create(String name, Role role, int days) {
    if (!NAME.matcher(name).matches()) {
      throw new RigException(
          "a token's name has 1 to 64 letters, digits, dots, dashes and underscores");
    }
    if (days < 1 || days > MOST_DAYS) {
      throw new RigException("a token lasts 1 to " + MOST_DAYS + " days, not " + days);
    }
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    String secret = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    String digest = digest(secret);
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Token token = new Token(id(digest), name, role, now, now.plus(Duration.ofDays(days)));
    change(
        tokens -> {
          boolean taken = tokens.values().stream().anyMatch(t -> t.id().equals(token.id()));
          if (taken) {
            throw new RigException(
                RigException.Kind.CONFLICT,
                "two tokens would have the id " + token.id() + "; repeat the command");
          }
          tokens.put(digest, token);
        });
    return new Created(token, secret);
  }

  @Override
  public List<Token> list() {
    return List.copyOf(read().tokens().values());
  }

  @Override
  public void revoke(String id) {
    change(
        tokens -> {
          if (!tokens.values().removeIf(t -> t.id().equals(id))) {
            throw new RigException(
                RigException.Kind.NOT_FOUND,
                "there is no token '" + id + "'; 'token list' names them");
          }
        });
  }

  @Override
  public Optional<Token> find(String secret) {
    return secret.length() > LONGEST_SECRET
        ? Optional.empty()
        : Optional.ofNullable(read().tokens().get(digest(secret))).filter(this::lasts);
  }

  @Override
  public Optional<Token> valid(String id) {
    return read().tokens().values().stream()
        .filter(t -> t.id().equals(id))
        .findFirst()
        .filter(this::lasts);
  }

  private boolean lasts(Token token) {
    return clock.instant().isBefore(token.expires());
  }

  private interface Change {
    void apply(Map<String, Token> tokens);
  }

  private void change(Change change) {
    writing.lock();
    try {
      Files.createDirectories(file.getParent());
      Path lockFile = file.resolveSibling("tokens.lock");
      try (FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        // Closing the channel releases the lock.
        channel.lock();
        Map<String, Token> tokens = new LinkedHashMap<>(read().tokens());
        change.apply(tokens);
        write(tokens);
      }
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    } finally {
      writing.unlock();
    }
  }

  private void write(Map<String, Token> tokens) {
    String text =
        tokens.entrySet().stream()
            .map(
                e -> {
                  Token t = e.getValue();
                  return String.join(
                      " ",
                      e.getKey(),
                      t.role().word(),
                      t.created().toString(),
                      t.expires().toString(),
                      t.name());
                })
            .collect(Collectors.joining("\n", "", tokens.isEmpty() ? "" : "\n"));
    AtomicFile.writeSecret(file, text);
  }

  /** Reads the file again if it is another one than the last time: each change makes a new file. */
  private Content read() {
    try {
      String stamp = stamp();
      Content known = content;
      if (!stamp.equals(known.stamp())) {
        known = new Content(stamp, stamp.isEmpty() ? Map.of() : parse(Files.readAllLines(file)));
        content = known;
      }
      return known;
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  private String stamp() throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private Map<String, Token> parse(List<String> lines) {
    Map<String, Token> tokens = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String[] fields = lines.get(i).split(" ");
      try {
        if (fields.length != 5
            || !DIGEST.matcher(fields[0]).matches()
            || !NAME.matcher(fields[4]).matches()) {
          throw new RigException("no token");
        }
        tokens.put(
            fields[0],
            new Token(
                id(fields[0]),
                fields[4],
                Role.of(fields[1]),
                Instant.parse(fields[2]),
                Instant.parse(fields[3])));
      } catch (RigException | DateTimeException e) {
        throw new RigException(
            RigException.Kind.UNAVAILABLE,
            file
                + " line "
                + (i + 1)
                + " is no token: 'token create' writes SHA-256, role, times and name",
            e);
      }
    }
    return tokens;
  }

  private static String id(String digest) {
    return digest.substring(0, ID_LENGTH);
  }

  private static String digest(String secret) {
    return Sha256.of(secret);
  }
}
