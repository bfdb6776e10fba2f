package org.riglab.plugins.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;
import org.osgi.service.component.annotations.Component;

/**
 * Takes from plugins' classes, as they are loaded, the calls that end the process: {@code
 * System.exit}, {@code Runtime.exit} and {@code Runtime.halt} throw instead. What a plugin reaches
 * by reflection or from native code is not seen.
 */
@Component(service = {WeavingHook.class, ExitGuard.class})
public final class ExitGuard implements WeavingHook {
  private static final String SYSTEM = "java/lang/System";
  private static final String RUNTIME = "java/lang/Runtime";
  private static final String EXCEPTION = "java/lang/SecurityException";
  private static final String PREFIX = "riglab$";

  @Override
  public void weave(WovenClass woven) {
    if (woven.getBundleWiring().getBundle().getLocation().startsWith(PluginJar.LOCATION)) {
      byte[] before = woven.getBytes();
      byte[] after = guarded(before);
      if (after != before) {
        woven.setBytes(after);
      }
    }
  }

  /** The class without calls that end the process; the same array if it has none. */
  static byte[] guarded(byte[] bytes) {
    // Names lie in a class file as they are: most classes need no second look.
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!text.contains(SYSTEM) && !text.contains(RUNTIME)
        || !text.contains("exit") && !text.contains("halt")) {
      return bytes;
    }
    ClassReader reader = new ClassReader(bytes);
    ClassWriter writer = new ClassWriter(reader, 0);
    Guard guard = new Guard(writer);
    reader.accept(guard, 0);
    return Arrays.stream(Ending.values()).anyMatch(guard::uses) ? writer.toByteArray() : bytes;
  }

  /** Calls that end the process. */
  private enum Ending {
    SYSTEM_EXIT(SYSTEM, "exit", "System.exit"),
    RUNTIME_EXIT(RUNTIME, "exit", "Runtime.exit"),
    RUNTIME_HALT(RUNTIME, "halt", "Runtime.halt");

    private final String owner;
    private final String method;
    private final String title;

    Ending(String owner, String method, String title) {
      this.owner = owner;
      this.method = method;
      this.title = title;
    }

    static Ending of(String owner, String method, String descriptor) {
      for (Ending ending : values()) {
        if (ending.owner.equals(owner)
            && ending.method.equals(method)
            && descriptor.equals("(I)V")) {
          return ending;
        }
      }
      return null;
    }

    /** Name of the method that is called instead. */
    String substitute() {
      return PREFIX + title.replace('.', '$');
    }

    /** Takes what the call would, so that the stack around it stays as it is. */
    String descriptor() {
      return owner.equals(SYSTEM) ? "(I)V" : "(L" + RUNTIME + ";I)V";
    }
  }

  /** Replaces the calls, and adds to the class the methods that throw. */
  private static final class Guard extends ClassVisitor {
    private final boolean[] used = new boolean[Ending.values().length];
    private String name;
    private boolean isInterface;

    Guard(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    boolean uses(Ending ending) {
      return used[ending.ordinal()];
    }

    @Override
    public void visit(
        int version,
        int access,
        String className,
        String signature,
        String superName,
        String[] interfaces) {
      name = className;
      isInterface = (access & Opcodes.ACC_INTERFACE) != 0;
      super.visit(version, access, className, signature, superName, interfaces);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String method, String descriptor, String signature, String[] exceptions) {
      MethodVisitor next = super.visitMethod(access, method, descriptor, signature, exceptions);
      return new MethodVisitor(Opcodes.ASM9, next) {
        @Override
        public void visitMethodInsn(
            int opcode, String owner, String called, String type, boolean ofInterface) {
          Ending ending = Ending.of(owner, called, type);
          if (ending == null) {
            super.visitMethodInsn(opcode, owner, called, type, ofInterface);
          } else {
            use(ending);
            super.visitMethodInsn(
                Opcodes.INVOKESTATIC, name, ending.substitute(), ending.descriptor(), isInterface);
          }
        }

        @Override
        public void visitInvokeDynamicInsn(
            String called, String type, Handle bootstrap, Object... arguments) {
          Object[] replaced =
              Arrays.stream(arguments)
                  .map(argument -> argument instanceof Handle h ? replaced(h) : argument)
                  .toArray();
          super.visitInvokeDynamicInsn(called, type, bootstrap, replaced);
        }
      };
    }

    /** For references such as {@code System::exit}. */
    private Handle replaced(Handle handle) {
      Ending ending = Ending.of(handle.getOwner(), handle.getName(), handle.getDesc());
      if (ending == null) {
        return handle;
      }
      use(ending);
      return new Handle(
          Opcodes.H_INVOKESTATIC, name, ending.substitute(), ending.descriptor(), isInterface);
    }

    private void use(Ending ending) {
      used[ending.ordinal()] = true;
    }

    @Override
    public void visitEnd() {
      for (Ending ending : Ending.values()) {
        if (uses(ending)) {
          thrower(ending);
        }
      }
      super.visitEnd();
    }

    private void thrower(Ending ending) {
      MethodVisitor code =
          super.visitMethod(
              Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC,
              ending.substitute(),
              ending.descriptor(),
              null,
              null);
      code.visitCode();
      code.visitTypeInsn(Opcodes.NEW, EXCEPTION);
      code.visitInsn(Opcodes.DUP);
      code.visitLdcInsn("a plugin cannot end the process: it called " + ending.title);
      code.visitMethodInsn(
          Opcodes.INVOKESPECIAL,
          EXCEPTION,
          "<init>",
          Type.getMethodDescriptor(Type.VOID_TYPE, Type.getType(String.class)),
          false);
      code.visitInsn(Opcodes.ATHROW);
      code.visitMaxs(3, ending.descriptor().equals("(I)V") ? 1 : 2);
      code.visitEnd();
    }
  }
}
