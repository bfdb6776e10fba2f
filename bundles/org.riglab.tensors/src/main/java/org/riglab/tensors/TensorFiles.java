package org.riglab.tensors;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.base.FileContents;
import org.riglab.base.FileFailures;
import org.riglab.tensors.internal.CheckedZip;
import org.riglab.tensors.internal.Npz;
import org.riglab.tensors.internal.TorchFile;

/** Opens files of tensors by what is in them, whatever they are called. */
public final class TensorFiles {
  private static final int TAR = 257; // where a tar archive has its magic
  private static final String TEXT_PICKLES = "(c]}i)l"; // what a pickle of protocol 0 begins with

  private TensorFiles() {}

  /**
   * Opens a file: safetensors, npz, or a state dict of {@code torch.save} in either format.
   *
   * @param file any
   * @return the open file
   * @throws RigException if it is missing, broken, or of no such format; says what is wrong, but in
   *     a server not what a file of another format contains: a line of text can begin as a pickle
   *     of protocol 0 does, and what it then seems to refer to is the text
   */
  public static TensorFile open(Path file) {
    return FileContents.read(file, () -> opened(file));
  }

  private static TensorFile opened(Path file) {
    Closeable open = null;
    TensorFile opened = null;
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      open = channel;
      byte[] head = head(channel);
      if (starts(head, 'P', 'K', 3, 4) || starts(head, 'P', 'K', 5, 6)) {
        channel.close();
        CheckedZip archive = new CheckedZip(file);
        open = archive;
        opened = archive(file, archive);
      } else if (safetensors(head)) {
        channel.close();
        opened = Safetensors.open(file);
      } else if (starts(head, 0x80) || head.length > 0 && TEXT_PICKLES.indexOf(head[0]) >= 0) {
        opened = TorchFile.legacy(file, channel);
      } else {
        throw unknown(head);
      }
      return opened;
    } catch (IOException e) {
      throw failure(file, e);
    } finally {
      if (opened == null && open != null) {
        closeQuietly(open);
      }
    }
  }

  private static byte[] head(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(512);
    while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
      continue;
    }
    return java.util.Arrays.copyOf(head.array(), head.position());
  }

  private static boolean starts(byte[] head, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (i >= head.length || (head[i] & 0xff) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** Eight bytes of a length that is not absurd, then a JSON object. */
  private static boolean safetensors(byte[] head) {
    return head.length > 8
        && head[8] == '{'
        && ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong() >>> 32 == 0;
  }

  private static TensorFile archive(Path file, CheckedZip archive) throws IOException {
    if (TorchFile.looksLike(archive)) {
      return TorchFile.zip(file, archive);
    }
    if (Npz.looksLike(archive)) {
      return new Npz(file, archive);
    }
    throw new IOException("it is a zip archive, but neither npz nor of torch.save");
  }

  private static IOException unknown(byte[] head) {
    if (head.length == 0) {
      return new IOException("it is empty");
    }
    if (starts(head, 0x93, 'N', 'U', 'M', 'P', 'Y')) {
      return new IOException("it is one array without a name; numpy.savez writes named ones");
    }
    if (head.length >= TAR + 5
        && new String(head, TAR, 5, StandardCharsets.US_ASCII).equals("ustar")) {
      return new IOException(
          "it is a tar archive, as PyTorch wrote before 0.2; save it again with a later one");
    }
    return new IOException(
        "it is cut off, or neither safetensors, nor npz, nor a state_dict of torch.save");
  }

  /**
   * @param file that was being read
   * @param e what happened: of the file system, or a sentence about the content
   * @return NOT_FOUND if there is no such file, IO if the file system failed, else INVALID
   */
  public static RigException failure(Path file, IOException e) {
    Kind kind =
        e instanceof NoSuchFileException
            ? Kind.NOT_FOUND
            : e instanceof FileSystemException ? Kind.IO : Kind.INVALID;
    return new RigException(kind, "cannot read " + file + ": " + FileFailures.reason(e), e);
  }

  /** Closes what was only ever read from: nothing can be lost. */
  public static void closeQuietly(Closeable open) {
    try {
      open.close();
    } catch (IOException e) {
      return;
    }
  }
}
