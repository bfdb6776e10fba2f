package org.riglab.engine.internal;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.engine.ComputeCapability;

/**
 * Asks {@code libcuda.so.1}, the part of CUDA that comes with the driver (CUDA Driver API). No
 * context is made, so this takes no memory of a GPU.
 */
final class CudaDriver implements Cuda {
  private static final String NAME = "libcuda.so.1";
  private static final int MAJOR = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
  private static final int MINOR = 76; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
  private static final int NO_DEVICE = 100; // CUDA_ERROR_NO_DEVICE

  /** The functions that are used; names as in cuda.h. */
  @SuppressWarnings("checkstyle:MethodName")
  public interface Api extends Library {
    int cuInit(int flags);

    int cuDriverGetVersion(IntByReference version);

    int cuDeviceGetCount(IntByReference count);

    int cuDeviceGet(IntByReference device, int ordinal);

    int cuDeviceGetName(byte[] name, int length, int device);

    int cuDeviceTotalMem_v2(LongByReference bytes, int device);

    int cuDeviceGetAttribute(IntByReference value, int attribute, int device);

    int cuGetErrorName(int error, PointerByReference name);
  }

  @Override
  public Answer ask() {
    Api api;
    try {
      api = Native.load(NAME, Api.class);
    } catch (UnsatisfiedLinkError e) {
      return Answer.none(NAME + " of the driver does not load");
    }
    try {
      int status = api.cuInit(0);
      if (status == NO_DEVICE) {
        return new Answer(version(api), List.of(), "");
      }
      check(api, "cuInit", status);
      IntByReference count = new IntByReference();
      check(api, "cuDeviceGetCount", api.cuDeviceGetCount(count));
      List<Card> cards = new ArrayList<>();
      for (int i = 0; i < count.getValue(); i++) {
        cards.add(card(api, i));
      }
      return new Answer(version(api), cards, "");
    } catch (CudaException e) {
      return Answer.none(e.getMessage());
    }
  }

  private static int version(Api api) throws CudaException {
    IntByReference version = new IntByReference();
    check(api, "cuDriverGetVersion", api.cuDriverGetVersion(version));
    return version.getValue();
  }

  private static Card card(Api api, int ordinal) throws CudaException {
    IntByReference device = new IntByReference();
    check(api, "cuDeviceGet", api.cuDeviceGet(device, ordinal));
    byte[] name = new byte[256];
    check(api, "cuDeviceGetName", api.cuDeviceGetName(name, name.length, device.getValue()));
    LongByReference bytes = new LongByReference();
    check(api, "cuDeviceTotalMem", api.cuDeviceTotalMem_v2(bytes, device.getValue()));
    return new Card(
        Native.toString(name, StandardCharsets.UTF_8.name()),
        bytes.getValue(),
        new ComputeCapability(
            attribute(api, MAJOR, device.getValue()), attribute(api, MINOR, device.getValue())));
  }

  private static int attribute(Api api, int attribute, int device) throws CudaException {
    IntByReference value = new IntByReference();
    check(api, "cuDeviceGetAttribute", api.cuDeviceGetAttribute(value, attribute, device));
    return value.getValue();
  }

  private static void check(Api api, String call, int status) throws CudaException {
    if (status != 0) {
      PointerByReference name = new PointerByReference();
      boolean known = api.cuGetErrorName(status, name) == 0 && name.getValue() != null;
      throw new CudaException(
          "%s answers %s"
              .formatted(call, known ? name.getValue().getString(0) : "error " + status));
    }
  }

  private static final class CudaException extends Exception {
    private static final long serialVersionUID = 1L;

    CudaException(String message) {
      super(message);
    }
  }
}
